import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { ConfigHome, SECRET } from './config-home.ts';
import { PROGRAM } from './run.ts';

const CONFIG = `Host web
  HostName 192.0.2.7
  Port 2222
  User bob
Host plain
  User carol
`;

const KNOCK = `Host web
  KnockSequence 17001,17002:udp,icmp:100,17003:udp:text=open%20sesame
  KnockCloseSequence 17003,17001
  KnockDelay 20
  KnockSequenceTimeout 10
  KnockHost gate.example
Host file
  KnockSequenceFile "~/my doors/%n.knock"
  KnockSequenceLifetime 30
Host once
  KnockOneTimeFile ~/.ssh/once.list
Host keys
  KnockSpaKeyFile ~/.ssh/knock_spa.keys
  KnockSpaAllow resolve https://ip.example/
  KnockSpaPort 62202
  KnockConnects 1
Host stanza
  KnockSpa yes
  KnockSpaKeyCommand pass show spa/%n
Host cmd
  KnockSequenceCommand sh -c 'pass show "knock/%n" | head -1'
Host inner
  KnockSequence 17001
  KnockVia bob@bastion.example
Host *
  KnockTimeout 12
`;
const HOSTS = ['web', 'file', 'once', 'keys', 'stanza', 'cmd', 'inner'];

function machine(text = CONFIG, knock?: string): ConfigHome {
  const at = new ConfigHome({ text });
  if (knock !== undefined) at.write('knock/knock_config', knock);
  return at;
}

/** What `list --export` prints on one machine, as a file of another. */
function moved(text: string, from: ConfigHome, ...args: string[]) {
  const { status, stdout, stderr } = from.run(['list', '--export', ...args]);
  expect(status).toBe(0);
  const to = machine(text);
  const file = path.join(to.folder, 'doors');
  fs.writeFileSync(file, stdout);
  return { to, file, stdout, stderr };
}

/** What a host's lines come to, without where they stand. */
function doorsOf(at: ConfigHome, args: string[] = []): string {
  return at.run(['list', '--export', '--with-secrets', ...args]).stdout;
}

describe('list --export, and import on another machine', () => {
  it('every kind of door: the same configuration and the same ssh -G, with one question', () => {
    const from = machine(CONFIG, KNOCK);
    const { to, file, stderr } = moved('Host *\n  User zoe\n', from, '--with-secrets');
    for (const what of ['KnockSequenceFile', 'KnockSpaKeyFile', 'stanza', 'one-time', 'KnockVia'])
      expect(stderr).toContain(what);
    const { status, stdout } = to.run(['import', file, '--all', '--yes', '--allow-references']);
    expect(status).toBe(0);
    expect(stdout).not.toMatch(SECRET);
    expect(stdout.match(/^done: ssh .*$/gm)).toEqual(HOSTS.map((host) => `done: ssh ${host}`));
    expect(doorsOf(to, HOSTS).replaceAll('  User zoe\n', '')).toBe(doorsOf(from, HOSTS));
    for (const name of ['hostname', 'port', 'user'])
      expect(to.sshG('web').get(name)).toBe(from.sshG('web').get(name));
    expect(to.run(['import', file, '--all', '--yes', '--allow-references']).stdout).toContain(
      'nothing to change',
    );
    to.run(['remove', '--all', '--yes']);
    expect([to.read(), to.read(to.knockConfig)]).toEqual(['Host *\n  User zoe\n', undefined]);
  });

  it('without --with-secrets: no port of a sequence, and no command that contains one', () => {
    const inline =
      'Host inline\n  KnockSequenceCommand printf 17001,17002\n' +
      "Host shell\n  KnockSequenceCommand sh -c 'echo 17001 17002'\n" +
      "Host key\n  KnockSpa yes\n  KnockSpaKeyCommand echo 'KEY_BASE64 17001'\n";
    const { stdout, stderr } = moved('', machine(CONFIG, `${inline}${KNOCK}`));
    expect(stdout + stderr).not.toMatch(SECRET);
    expect(stdout).not.toContain('sesame');
    expect(stdout).toContain(
      'Host web\n  HostName 192.0.2.7\n  Port 2222\n  User bob\n  KnockSequence ask\n',
    );
    expect(stdout).toContain('Host shell\n  KnockSequence ask\n');
    expect(stdout).toContain('Host key\n  KnockSpa yes\n  KnockTimeout 12\n');
    expect(stderr).toContain('web: KnockSequence is left out');
    expect(stderr).toContain('web: KnockCloseSequence is left out');
  });

  it('a sequence that is left out: read from stdin, or refused with the option that exports it', () => {
    const { to, file } = moved('', machine(CONFIG, KNOCK), 'web');
    const none = to.run(['import', file, '--host', 'web', '--yes']);
    expect({ status: none.status, stdout: none.stdout }).toEqual({ status: 2, stdout: '' });
    expect(none.stderr).toMatch(/doors line 7: the sequence of this door is left out\n.*--with-secrets/);
    const given = to.run(['import', file, '--host', 'web', '--yes'], '17001 17002:udp\n');
    expect(given.status).toBe(0);
    expect(given.stdout).not.toMatch(SECRET);
    expect(given.stdout).toContain('note: web: its close sequence is left out of the file');
    expect(to.read(to.knockConfig)).toContain('Host web\n  KnockSequence 17001:tcp,17002:udp\n');
    const two = moved('', machine('', 'Host a b\n  KnockSequence 17001\n'));
    expect(two.to.run(['import', two.file, '--all', '--yes'], '17001\n')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('leaves out the sequences of 2 hosts'),
    });
  });

  it('a pattern: left out with a reason, and exported for a host that is named', () => {
    const from = machine(
      '',
      'Host *.corp\n  KnockSequenceFile ~/corp.knock\nHost none.corp\n  KnockSequence 17001\n',
    );
    const { stdout, stderr } = moved('', from);
    expect(stdout).not.toContain('a.corp');
    expect(stderr).toContain('*.corp is left out, because it is not one host');
    const { to, file } = moved('', from, 'a.corp');
    expect(to.run(['import', file, '--host', 'web', '--yes', '--allow-references']).status).toBe(0);
    expect(to.read(to.knockConfig)).toContain('KnockSequenceFile ~/corp.knock\n');
    expect(to.sshG('web').get('hostname')).toBe('a.corp');
  });

  it('a file below the home directory: by ~, which another machine has elsewhere', () => {
    const from = machine('', `Host web\n  KnockSpaKeyFile ${process.env.HOME}/.ssh/knock_spa.web\n`);
    expect(moved('', from).stdout).toContain('  KnockSpaKeyFile ~/.ssh/knock_spa.web\n');
  });

  it.each([
    [0o600, ''],
    [0o644, 'chmod 600'],
  ])('warns when the sequences go to a file that others may read: mode %o', (mode, warning) => {
    const at = machine('', 'Host web\n  KnockSequence 17001\n');
    const out = fs.openSync(path.join(at.folder, 'doors'), 'w');
    fs.fchmodSync(out, mode);
    const files = ['-F', at.config, '--knock-config', at.knockConfig];
    const args = [PROGRAM, 'list', '--export', '--with-secrets', ...files];
    const { stderr } = spawnSync(process.execPath, args, {
      stdio: ['ignore', out, 'pipe'],
      encoding: 'utf8',
    });
    fs.closeSync(out);
    expect(stderr).toContain(warning);
    expect(stderr.split('\n')).toHaveLength(warning === '' ? 1 : 2);
    expect(at.read(path.join(at.folder, 'doors'))).toContain('KnockSequence 17001\n');
  });

  it('warns when the sequences go to a terminal', () => {
    const at = machine('', 'Host web\n  KnockSequence 17001\n');
    const line = [
      process.execPath,
      PROGRAM,
      'list',
      '--export',
      '--with-secrets',
      '-F',
      at.config,
      '--knock-config',
    ];
    const { stdout } = spawnSync('script', ['-qec', [...line, at.knockConfig].join(' '), '/dev/null'], {
      encoding: 'utf8',
    });
    expect(stdout).toContain('umask 077');
  });

  it.each([
    ['a host without a door', ['plain'], 'plain has no door'],
    ['what is not one host', ['*'], "'*' is not the name of one host"],
  ])('refuses %s', (_, hosts, message) => {
    const at = machine(CONFIG, KNOCK);
    const { status, stdout, stderr } = at.run(['list', '--export', ...hosts]);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(message);
  });

  it('hostile values stay in their line', () => {
    const words = ['"; Host evil', '#', "it's", 'a\\b', '', 'Host evil'];
    const quoted = words.map((word) => `"${word.replace(/["\\]/g, '\\$&')}"`).join(' ');
    const from = machine(
      '',
      `Host web\n  KnockSequenceCommand ${quoted}\nHost bad\n  KnockSequenceFile a\x01b\n`,
    );
    const { to, file, stdout, stderr } = moved('', from);
    expect(stdout.match(/^Host .*$/gm)).toEqual(['Host web']);
    expect(stderr).toContain('bad is left out');
    expect(to.run(['import', file, '--all', '--yes', '--allow-references']).status).toBe(0);
    expect(doorsOf(to)).toBe(doorsOf(from));
  });
});

describe('import of such a file from someone else', () => {
  const MARK = '# knockproxy doors, version 1: knockproxy import FILE\n';

  function stranger(lines: string) {
    const to = machine('');
    to.write('doors', `${MARK}${lines}`);
    const run = (...args: string[]) => to.run(['import', path.join(to.folder, 'doors'), ...args]);
    return { to, run };
  }

  it.each(['KnockSequenceCommand touch @/ran', 'KnockSpa x\n  KnockSpaKeyCommand touch @/ran'])(
    'takes no command unasked, and runs none: %s',
    (lines) => {
      const { to, run } = stranger(`Host web\n  ${lines}\n`);
      const text = `touch ${to.folder}/ran`;
      expect(run().stdout).toContain(
        `each login would run a program: ${/Knock\w+Command/.exec(lines)![0]} ${text}`,
      );
      for (const args of [[], ['--yes'], ['--dry-run']]) {
        const { status, stdout, stderr } = run('--host', 'web', ...args);
        expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
        expect(stderr).toContain(text);
        expect(stderr).toContain('hint: if you trust this file, pass --allow-references');
      }
      expect(to.read(to.knockConfig)).toBeUndefined();
      const { status, stdout } = run('--host', 'web', '--yes', '--allow-references');
      expect({ status, note: stdout.includes(text) }).toEqual({ status: 0, note: true });
      expect(fs.existsSync(path.join(to.folder, 'ran'))).toBe(false);
    },
  );

  it.each([
    'KnockSequenceFile ~/pins',
    'KnockOneTimeFile ~/pins',
    'KnockSpaKeyFile ~/pins',
    'KnockSpa bank',
    'KnockSequence 17001\n  KnockVia stranger.example',
    'KnockSpaKeyFile k\n  KnockSpaAllow resolve https://stranger.example/',
  ])('takes no file, stanza or URL with --yes alone: %s', (lines) => {
    const { to, run } = stranger(`Host web\n  ${lines}\n`);
    expect(run('--host', 'web', '--yes')).toMatchObject({ status: 2, stdout: '' });
    expect(run('--host', 'web', '--dry-run').stdout).toContain(
      `on this machine: ${lines.split('\n').at(-1)!.trim()}`,
    );
    expect(to.read(to.knockConfig)).toBeUndefined();
  });

  it.each([
    ['KnockSequence 17001,99999', 'line 3: step 2 of the knock sequence'],
    ['KnockSequence 17001\n  KnockDelay soon', 'line 4: KnockDelay must be'],
    ['KnockSequence 17001\n  ProxyCommand touch ran', 'line 4: this keyword is not one of a door'],
    ['KnockSequence 17001\n  BindAddress 10.0.0.1', 'line 4: this keyword is not one of a door'],
    ['KnockSequence 17001\n  KnockSpa yes', 'line 4: KnockSpa is given before already'],
    ['KnockSequence 17001\n  HostName "a b"', 'line 4: HostName takes one plain word'],
    ['KnockSequence 17001\n  User -oProxyCommand=x', 'line 4: User takes one plain word'],
    ['KnockSequence 17001\n  Port 0', 'line 4: Port must be a number'],
    ['KnockSequence "17001', 'line 3: this line has no value'],
    ['KnockSequence 17001\nHost web', 'line 4: this host occurs twice'],
    ['KnockSequence 17001\nHost *', 'line 4: Host takes the name of one host'],
    ['KnockSequence 17001\nHost -oX', 'line 4: Host takes the name of one host'],
    ['KnockSequence 17001\x1b[2J', 'line 3: this line contains a control character'],
    ['KnockSequence none', 'line 3: this host has no door'],
    ['KnockDelay 5', 'line 3: this host has no door'],
  ])('refuses by line: %j', (lines, message) => {
    const { to, run } = stranger(`Host web\n  ${lines}\n`);
    const { status, stdout, stderr } = run('--all', '--yes', '--allow-references');
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(SECRET);
    expect(to.read(to.knockConfig)).toBeUndefined();
  });

  it('refuses a newer format, and --all for a file of a server', () => {
    const to = machine('');
    to.write('new', '# knockproxy doors, version 2: x\nHost web\n');
    expect(to.run(['import', `${to.folder}/new`]).stderr).toMatch(
      /line 1: version 2 .*\n.*update knockproxy/,
    );
    to.write('conf', '[a]\n  sequence = 17001\n  command = x\n');
    expect(to.run(['import', `${to.folder}/conf`, '--all', '--yes']).stderr).toContain(
      '--all does not apply to knockd.conf',
    );
  });
});
