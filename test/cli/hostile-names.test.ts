import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../unit/temporary-folder.ts';
import { ConfigHome } from './config-home.ts';
import { run } from './run.ts';

/** It sets the terminal's title, clears it, and turns the direction of text round. */
const NAME = "it's a\u001b]0;OWNED\u0007\u009b2J\u202e";
const ACTED_ON = /(?!\n)[\p{Cc}\p{Cf}\u2028\u2029]/u;
const DOOR = 'Host web\n  KnockSequence 17001,17002\n';

/** Output as a terminal with UTF-8 takes it. */
async function shown(args: readonly string[]) {
  const { code, stdout, stderr } = await run(args);
  return { code, text: Buffer.from(stdout + stderr, 'latin1').toString('utf8') };
}

function hostile(text: string, mode = 0o600): string {
  const file = path.join(temporaryFolder(), NAME);
  fs.writeFileSync(file, text);
  fs.chmodSync(file, mode);
  return file;
}

describe('a file with an escape sequence in its name', () => {
  it.each([
    ['a login', (file: string) => ['--knock-config', file, '-F', 'none', '127.0.0.1', '9']],
    ['a login with -F', (file: string) => ['--knock-config', 'none', '-F', file, '127.0.0.1', '9', 'web']],
    ['knock', (file: string) => ['knock', '--knock-config', file, '-F', 'none', 'web']],
    ['check', (file: string) => ['check', '--knock-config', file, '-F', 'none', 'web']],
    ['list', (file: string) => ['list', '--knock-config', file, '-F', 'none']],
    ['import', (file: string) => ['import', file]],
    ['remove', (file: string) => ['remove', '--knock-config', file, '-F', '/nowhere/config', 'web']],
  ])('%s: a wrong line in it is named, the terminal sees no escape', async (_, args) => {
    const { code, text } = await shown(
      args(hostile('# >>> knockproxy web\nKnockSequence x\nKnockTimeout x\n')),
    );
    expect(code).not.toBe(0);
    expect(text).not.toMatch(ACTED_ON);
  });

  it('chmod, as the hint says it, takes the file', async () => {
    const file = hostile('KnockSequence 17001\n', 0o644);
    const { code, text } = await shown(['--knock-config', file, '-F', 'none', '127.0.0.1', '9']);
    expect(code).toBe(2);
    expect(text).not.toMatch(ACTED_ON);
    const [, command = ''] = /^knockproxy: hint: (chmod .*)$/m.exec(text) ?? [];
    const { spawnSync } = await import('node:child_process');
    expect(spawnSync('bash', ['-c', command]).status).toBe(0);
    expect(fs.statSync(file).mode & 0o777).toBe(0o600);
  });

  it('list and remove name it with escapes, also in JSON', () => {
    const at = new ConfigHome({ text: `Include ${'@'}/x*\n`, files: { [`x${NAME}`]: DOOR } });
    const plain = at.run(['list']);
    expect(plain.stdout).toContain('OWNED');
    const json = at.run(['list', '--json']);
    expect(JSON.parse(json.stdout)[0].file).toContain(NAME);
    const removed = at.run(['remove', 'web', '--yes']);
    expect(removed.stdout).toContain('OWNED');
    for (const { stdout, stderr } of [plain, json, removed]) expect(stdout + stderr).not.toMatch(ACTED_ON);
  });
});

describe('a port in the wrong place', () => {
  it.each([
    [['add', 'web', '17001', '17002']],
    [['add', 'web', '-17001']],
    [['add', 'web', '17001:udp']],
    [['remove', 'web', '17001']],
    [['import', 'knockd.conf', '17001,17002']],
    [['check', 'web', '17001,17002']],
    [['check', 'web', '22', '17001']],
    [['web', '17001,17002']],
    [['web', '17001:udp']],
    [['add', 'web', '--port', '17001,17002']],
    [['generate', '--server', '17001']],
  ])('%j: is refused and not printed', async (args) => {
    const { code, text } = await shown(args);
    expect(code).toBe(2);
    expect(text).not.toMatch(/\b1700/);
    const german = await run(args, { env: { LANG: 'de_DE.UTF-8', LC_ALL: 'de_DE.UTF-8' } });
    expect(german.stderr).toBe(text);
  });
});
