import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { installed } from '../netns/available.ts';
import { PROGRAM, run } from './run.ts';

const bin = fs.mkdtempSync(path.join(os.tmpdir(), 'knockproxy-completion-'));
afterAll(() => fs.rmSync(bin, { recursive: true }));
fs.writeFileSync(path.join(bin, 'knockproxy'), `#!/bin/sh\nexec ${process.execPath} ${PROGRAM} "$@"\n`, {
  mode: 0o755,
});

const knockConfig = path.join(bin, 'knock_config');
fs.writeFileSync(
  knockConfig,
  `Host web db $(touch\${IFS}${bin}/ran)
  KnockSequence 17001,17002
Host shut
  KnockSequence 17001,17002
  KnockCloseSequence 17002,17001
Match exec "touch ${bin}/ran"
  KnockSequence 17001,17002
`,
  { mode: 0o600 },
);
const FILES = `-F ${path.join(bin, 'config')} --knock-config ${knockConfig}`;

/** Each prints what its shell would offer for the command line in $1. */
const ASK = {
  bash: `eval "$(knockproxy completion bash)"; read -ra COMP_WORDS <<<"$1"; [[ $1 == *' ' ]] && COMP_WORDS+=('')
    COMP_CWORD=$(( \${#COMP_WORDS[@]} - 1 )); _knockproxy; printf '%s\\n' "\${COMPREPLY[@]}"`,
  zsh: `compdef() { :; }; _describe() { print -rl -- "\${(@M)\${(@P)2}:#\${words[CURRENT]}*}"; }; _files() { :; }; eval "$(knockproxy completion zsh)"
    words=("\${(@s: :)1}"); CURRENT=\${#words}; _knockproxy`,
  fish: 'knockproxy completion fish | source; complete -C $argv[1]',
};

describe.each(['bash', 'zsh', 'fish'] as const)('completion %s', (shell) => {
  const reason = installed(shell) ? undefined : `${shell} is not installed`;
  if (reason !== undefined && process.env.CI) throw new Error(`CI must not skip this: ${reason}`);
  if (reason !== undefined) process.stderr.write(`skipped "completion ${shell}": ${reason}\n`);

  it.skipIf(reason !== undefined).each([
    ['knockproxy gen', ['generate']],
    ['knockproxy completion ', ['bash', 'fish', 'zsh']],
    ['knockproxy generate --clo', ['--close-sequence']],
    ['knockproxy generate --firewall ', ['iptables', 'nftables']],
    [`knockproxy check ${FILES} `, ['db', 'shut', 'web']],
    [`knockproxy close ${FILES} `, ['shut']],
    [`knockproxy knock ${FILES} web `, []],
  ])('offers what may follow %j', (line, expected) => {
    const env = { ...process.env, PATH: `${bin}:${process.env.PATH}`, HOME: bin, XDG_CONFIG_HOME: bin };
    const args = shell === 'fish' ? ['-c', ASK.fish, line] : ['-c', ASK[shell], shell, line];
    const { stdout, stderr } = spawnSync(shell, args, { env, encoding: 'utf8', timeout: 20_000 });
    expect(stderr).toBe('');
    const offered = stdout.split('\n').map((each) => each.split(/[\t:]/)[0]!);
    expect(offered.filter(Boolean).sort()).toEqual(expected);
    expect(stdout).not.toMatch(/\b1700/);
    expect(fs.existsSync(path.join(bin, 'ran'))).toBe(false);
  });
});

it('a file that is wrong: no answer, and no word on the line that is typed', async () => {
  fs.writeFileSync(path.join(bin, 'wrong'), 'Host "web\n');
  const question = ['--complete', 'bash', 'check', '--knock-config', path.join(bin, 'wrong'), ''];
  expect(await run(question)).toMatchObject({ stdout: '', stderr: '' });
});

it('another shell: one line, exit 2', async () => {
  const result = await run(['completion', 'tcsh']);
  expect(result).toMatchObject({ code: 2, stdout: '' });
  expect(result.stderr).toContain('Invalid values');
});
