import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { processTree } from '../../../src/processes/process-tree.ts';
import { expandCommand, obtainFromCommand, refuseRecursion } from '../../../src/secrets/sequence-command.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { complaint, NAMES } from './names.ts';

const sh = (script: string) => ['sh', '-c', script];
const QUICK = { timeMs: 300, outputBytes: 1000 };

describe('the words of KnockSequenceCommand', () => {
  const home = '/home/alice';

  it.each([
    [
      ['pass', 'show', 'knock/%h'],
      ['pass', 'show', 'knock/server.example'],
    ],
    [
      ['~/bin/x', '%n', '%p', '%r', '%%', '%%h'],
      ['/home/alice/bin/x', 'server', '22', 'alice', '%', '%h'],
    ],
    [
      ['/bin/x%h', '~', '$HOME', '`id`'],
      ['/bin/x%h', '~', '$HOME', '`id`'],
    ],
  ])('%j', (words, argv) => {
    expect(expandCommand(words, NAMES, home)).toEqual(argv);
  });

  it.each(['é', 'a,b', '%h', 'a~#!', 'fe80::1%eth0'])('keep the host name %j inside one word', (host) => {
    expect(expandCommand(['x', '%h', 'a%hb'], { ...NAMES, host })).toEqual(['x', host, `a${host}b`]);
  });

  it.each(['a b', '$(touch x)', '`id`', '";id;"', "'", 'x\nid >&2', '*', '~', '#', 'CORP\\a', 'a$b'])(
    'refuse the user %j, on which a shell in them would act',
    async (user) => {
      const run = () => expandCommand(['sh', '-c', 'echo 1,2; echo %r'], { ...NAMES, user });
      expect(await complaint(run)).toContain('word 3 of the command: the value of %r contains a character');
    },
  );

  it.each(['..', '.', '../seq', 'a/b'])('refuse the name %j, which would choose a folder', async (alias) => {
    const run = () => expandCommand(['cat', 'folder/%n'], { ...NAMES, alias });
    expect(await complaint(run)).toMatch(/the value of %n (is a directory|contains a slash)/);
  });

  it.each([
    [['x', '%h'], { host: '-oProxyCommand=id' }, 'word 2 of the command: the value of %h begins with -'],
    [['x', 'y', '%n.'], { alias: '--x' }, 'word 3 of the command: the value of %n begins with -'],
    [['x', '%z'], {}, 'word 2 of the command has an unknown token'],
    [['x', 'a%'], {}, 'word 2 of the command has an unknown token'],
    [['x', '%r'], { user: '' }, 'word 2 of the command uses %r, but its value was not passed'],
    [['./x'], {}, 'the program must be an absolute path'],
    [['bin/x'], {}, 'the program must be an absolute path'],
    [[''], {}, 'the program must be an absolute path'],
  ])('%j with %j are refused', async (words, names, message) => {
    const text = await complaint(() => expandCommand(words, { ...NAMES, ...names }, home));
    expect(text).toContain(`knock_config line 2: ${message}`);
  });

  it('may have a value with - inside a word', () => {
    expect(expandCommand(['x', '--host=%h'], { ...NAMES, host: '-x' })).toEqual(['x', '--host=-x']);
  });
});

describe('KnockSequenceCommand', () => {
  it('takes the first line that is not blank', async () => {
    const { candidates } = await obtainFromCommand(sh('echo; echo "  7001 8000:udp "; echo url: x'), NAMES);
    expect(candidates).toEqual([[{ port: 7001, protocol: 'tcp' }, { port: 8000, protocol: 'udp' }]]); // biome-ignore format: a row
  });

  it('runs with an empty stdin, without our fd 3 and above, and without the channel', async () => {
    process.env.NODE_CHANNEL_FD = '1';
    const script = '[ "$(wc -c)" = 0 ] && [ -z "$NODE_CHANNEL_FD" ] && [ ! -e /proc/self/fd/4 ] && echo 7001';
    try {
      expect((await obtainFromCommand(sh(script), NAMES)).candidates).toHaveLength(1);
    } finally {
      delete process.env.NODE_CHANNEL_FD;
    }
  });

  it.each([
    [sh('echo 7001; exit 3'), 'sh ended with exit status 3'],
    [sh('echo 7001; kill -9 $$'), 'sh was terminated by SIGKILL'],
    [sh('echo'), 'sh printed nothing'],
    [sh('echo 7001 x'), 'the output of sh is not a sequence: step 2 of the knock sequence'],
    [sh('while echo 7001; do :; done'), 'sh printed more than 1000 bytes'],
    [sh('echo 7001; sleep 30'), 'sh did not end within 0.3 s'],
    [sh('trap "" TERM; echo 7001; while :; do sleep 1; done'), 'sh did not end within 0.3 s'],
    [['no-such-program', '7001'], 'no-such-program was not found'],
    [['/no/such/program', '7001'], '/no/such/program was not found'],
    [['/etc/passwd', '7001'], '/etc/passwd could not be run (permission denied)'],
  ])('%j fails: %s, and no more is told', async (words, message) => {
    const text = await complaint(() => obtainFromCommand(words, NAMES, QUICK));
    expect(text).toContain(`knock_config line 2: ${message}`);
    expect(text).not.toContain('7001');
  });

  it('says of a name that it may not be there where a folder of PATH cannot be looked into', async () => {
    const folder = temporaryFolder();
    fs.writeFileSync(path.join(folder, 'no-such-program'), '', { mode: 0o600 });
    vi.stubEnv('PATH', `${folder}:${process.env.PATH}`);
    onTestFinished(() => void vi.unstubAllEnvs());
    const text = await complaint(() => obtainFromCommand(['no-such-program'], NAMES, QUICK));
    expect(text).toContain('no-such-program was not found, or permission to run it was denied');
  });

  it('is not run again for the same door by what it starts', async () => {
    const marker = 'KNOCKPROXY_COMMAND';
    const file = path.join(temporaryFolder(), 'marker');
    await obtainFromCommand(sh(`printf %%s "$${marker}" >${file}; echo 7001`), NAMES);
    process.env[marker] = fs.readFileSync(file, 'utf8');
    try {
      expect(() => refuseRecursion(NAMES)).toThrow('KnockSequenceCommand connects to its own host');
      expect(() => refuseRecursion({ ...NAMES, alias: 'vault' })).not.toThrow();
    } finally {
      delete process.env[marker];
    }
  });

  it('does not wait for a daemon that it leaves behind with its stdout', async () => {
    const startedMs = performance.now();
    await obtainFromCommand(sh('echo 7001; sleep 3 & :'), NAMES);
    expect(performance.now() - startedMs).toBeLessThan(2000);
  });

  it('is ended with all that it has started when its time is up', async () => {
    const file = path.join(temporaryFolder(), 'pids');
    const script = `sh -c 'trap "" TERM; echo $$ >>${file}; sleep 30; sleep 30' & echo $$ >>${file}; wait`;
    await complaint(() => obtainFromCommand(sh(script), NAMES, QUICK));
    const pids = fs.readFileSync(file, 'latin1').trim().split('\n').map(Number);
    expect(pids).toHaveLength(2);
    expect(pids.flatMap(processTree)).toEqual([]);
  });

  const PROGRAM = `
    import { obtainFromCommand } from ${JSON.stringify(path.resolve('src/secrets/sequence-command.ts'))};
    const names = ${JSON.stringify(NAMES)};
    const alive = setInterval(() => {}, 1000);
    const words = JSON.parse(process.env.WORDS);
    obtainFromCommand(words, names).then(({ candidates }) => console.log('GOT ' + candidates[0].length));
  `;
  const start = (words: string[], before: string[] = []) => {
    const argv = [...before, process.execPath, '--import', 'tsx', '--input-type=module', '-e', PROGRAM];
    return spawn(argv[0]!, argv.slice(1), { env: { ...process.env, WORDS: JSON.stringify(words) } });
  };

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('ends with us by %s', async (signal) => {
    const file = path.join(temporaryFolder(), 'pids');
    const us = start(sh(`echo $$ >${file}.x; mv ${file}.x ${file}; trap "" HUP; sleep 30; sleep 30`));
    await untilExists(file);
    const family = processTree(Number(fs.readFileSync(file, 'latin1')));
    expect(family.length).toBeGreaterThan(0);
    us.kill(signal);
    const ended = await new Promise((resolve) => us.on('exit', (_, by) => resolve(by)));
    expect(ended).toBe(signal);
    expect(family.flatMap(processTree)).toEqual([]);
  });

  it.skipIf(spawnSync('script', ['--version']).error !== undefined)(
    'can ask for a PIN on the terminal',
    async () => {
      const ask = 'printf "PIN: " >/dev/tty; read pin </dev/tty; [ "$pin" = 1234 ] && echo 7001,8000';
      const file = path.join(temporaryFolder(), 'program.mts');
      fs.writeFileSync(file, `${PROGRAM}\nclearInterval(alive);\n`);
      const command = `${process.execPath} --import tsx ${file}`;
      const us = spawn('script', ['-qec', command, '/dev/null'], {
        env: { ...process.env, WORDS: JSON.stringify(sh(ask)) },
      });
      let screen = '';
      us.stdout.setEncoding('utf8').on('data', (text) => {
        screen += text;
        if (text.includes('PIN: ')) us.stdin.write('1234\n');
      });
      const status = await new Promise((resolve) => us.on('exit', resolve));
      expect(screen).toContain('GOT 2');
      expect(status).toBe(0);
    },
  );
});

async function untilExists(file: string): Promise<void> {
  for (let ms = 0; !fs.existsSync(file); ms += 10) {
    if (ms > 10_000) throw new Error(`no ${file}`);
    await sleep(10);
  }
}
