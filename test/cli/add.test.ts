import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { ConfigHome, SECRET, SEQUENCE } from './config-home.ts';
import { PROGRAM } from './run.ts';
import { SSH_CONFIGS } from './ssh-configs.ts';

const OTHERS = ['mail', 'other', 'web.example.com', 'Web', 'websites', 'caf\u00e9'];

const hasSsh = spawnSync('ssh', ['-V']).status === 0;
if (!hasSsh && process.env.CI) throw new Error('these tests need ssh');
if (!hasSsh) console.log('skipped: no ssh to compare with');

const mode = (file: string) => (fs.statSync(file).mode & 0o777).toString(8);

describe.skipIf(!hasSsh)('add and remove', () => {
  it.each(SSH_CONFIGS)('$name', (config) => {
    const home = new ConfigHome(config);
    const text = home.read();
    const before = OTHERS.map((host) => home.sshG(host));
    const webBefore = home.sshG('web');
    const options = config.options ?? [];

    const added = home.run(['add', 'web', '--yes', ...options], SEQUENCE);
    expect(added).toMatchObject({ status: 0, stderr: '' });
    expect(added.stdout).not.toMatch(SECRET);
    expect([mode(home.config), mode(home.knockConfig), mode(path.dirname(home.knockConfig))]).toEqual([
      '600',
      '600',
      '700',
    ]);
    expect(home.read(home.knockConfig)).toMatch(/^ {2}KnockSequence 17001:tcp,17002:udp,17003:tcp$/m);
    expect(home.read()).not.toMatch(SECRET);

    // In ssh's second pass `Web` is `web`, and gets its block already.
    const isSecondPass = added.stdout.includes('names that resolve to web get this block too');
    expect(isSecondPass).toBe(config.name === 'Match final');
    const others = OTHERS.flatMap((host, at) => (isSecondPass && host === 'Web' ? [] : [at]));
    for (const at of others) expect(home.sshG(OTHERS[at]!)).toEqual(before[at]);
    const expected = new Map(webBefore);
    expected.delete('proxyjump');
    const program = options.includes('--portable') ? 'knockproxy' : `${nodePath()} ${PROGRAM}`;
    const files = `-F ${home.config} --knock-config ${home.knockConfig}`;
    expected.set('proxycommand', `${program} ${files} -- '%h' %p`);
    if (options.length > 0) {
      for (const [key, value] of OPTION_VALUES) expected.set(key, value);
    }
    expect(sorted(home.sshG('web'))).toEqual(sorted(expected));

    const once = home.read();
    const again = home.run(['add', 'web', '--yes', ...options], SEQUENCE);
    expect(again).toMatchObject({ status: 0, stdout: 'web is already set up: nothing to change\n' });
    expect(home.read()).toBe(once);

    expect(home.run(['remove', 'web', '--yes'])).toMatchObject({ status: 0, stderr: '' });
    expect(home.read()).toBe(text);
    expect(home.read(home.knockConfig)).toBeUndefined();
    expect(config.link && fs.readlinkSync(home.config)).toBe(config.link);
  });

  it('a host that only a bastion reaches, and only as a name that ssh takes for a host', () => {
    const home = new ConfigHome({ text: 'Host web\n  ProxyJump bastion\n' });
    const added = home.run(['add', 'web', '--yes'], SEQUENCE);
    expect(added.stdout).toContain("if the door lets in only the jump host, add '--via JUMPHOST'");
    expect(home.run(['remove', 'web', '--yes']).status).toBe(0);
    expect(home.run(['add', 'web', '--yes', '--via', 'me@bastion'], SEQUENCE).status).toBe(0);
    expect(home.read(home.knockConfig)).toMatch(/^ {2}KnockSequence .*\n {2}KnockVia me@bastion$/m);
    for (const wrong of [['--via=-oProxyCommand=x'], ['--via', 'a b'], ['--via', 'b', '--fdpass']]) {
      const { status, stderr } = home.run(['add', 'db', '--yes', ...wrong], SEQUENCE);
      expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringMatching(/error: --via /) });
    }
  });

  it.each([['web', 'mail'] as const, ['mail', 'web'] as const])(
    'two hosts, %s taken out before %s',
    (...order) => {
      for (const config of SSH_CONFIGS.filter((_, at) => at % 6 === 0)) {
        const home = new ConfigHome(config);
        const text = home.read();
        const web = home.sshG('web').get('user');
        expect(home.run(['add', 'web', '--yes'], SEQUENCE).status).toBe(0);
        expect(home.run(['add', 'mail', '--yes'], '17005').status).toBe(0);
        expect(home.sshG('web').get('user')).toBe(web);
        for (const host of order) expect(home.run(['remove', host, '--yes']).status).toBe(0);
        expect(home.read()).toBe(text);
      }
    },
  );
});

describe.skipIf(!hasSsh)('three hosts before an Include', () => {
  it('come out again, the one with the Include first', () => {
    const text = 'Include @/config.d/*\nHost gw\n  User gw\nHost *\n  ServerAliveInterval 9\n';
    const home = new ConfigHome({ text, files: { 'config.d/a': 'Host inc1\n  ProxyCommand nc %h %p\n' } });
    const original = home.read();
    const before = ['gw', 'mail'].map((host) => home.sshG(host));
    for (const [host, ...options] of [['inc1'], ['b', '-l', 'bob'], ['c']])
      expect(home.run(['add', host!, '--yes', ...options], SEQUENCE)).toMatchObject({
        status: 0,
        stderr: '',
      });
    for (const host of ['inc1', 'b', 'c']) {
      expect(home.run(['remove', host, '--yes'])).toMatchObject({ status: 0, stderr: '' });
      expect(['gw', 'mail'].map((other) => home.sshG(other))).toEqual(before);
    }
    expect(home.read()).toBe(original);
  });
});

const OPTION_VALUES = [
  ['hostname', 'web.example.org'],
  ['port', '2022'],
  ['user', 'eve'],
  ['proxyusefdpass', 'yes'],
] as const;

function sorted(values: ReadonlyMap<string, string>): string[] {
  return [...values].map(([key, value]) => `${key} ${value}`).sort();
}

/** The link that survives an upgrade of Node, where there is one. */
function nodePath(): string {
  const links = ['/usr/local/bin/node', '/usr/bin/node'];
  return (
    links.find((link) => fs.existsSync(link) && fs.realpathSync(link) === process.execPath) ??
    process.execPath
  );
}

describe('add', () => {
  it('asks, and without a terminal and --yes writes nothing', () => {
    const home = new ConfigHome({ text: 'Host web\n' });
    const result = home.run(['add', 'web'], SEQUENCE);
    expect(result.status).toBe(2);
    expect(result.stderr).toContain('cannot ask for confirmation: no terminal\nknockproxy: hint: pass --yes');
    expect(result.stdout).toContain('KnockSequence (not shown)');
    expect([home.read(), home.read(home.knockConfig)]).toEqual(['Host web\n', undefined]);
  });

  it('shows the way ssh took so far', () => {
    const home = new ConfigHome({ text: 'Host *\n  ProxyCommand ssh -W %h:%p b\u001b[2J\n' });
    const { stdout } = home.run(['add', 'web', '--yes'], SEQUENCE);
    expect(stdout).toContain('ssh now connects to web by ProxyCommand ssh (not shown)');
    expect(stdout).toContain(`${home.config} line 2`);
  });

  it.each([
    ['another sequence', ['add', 'web', '--yes'], '17009', 'web was added before with other settings'],
    ['another door of the same host', ['add', 'db', '--yes'], '17009', 'db already has a different door'],
    ['another Port', ['add', 'db', '--yes', '--port', '99'], '17004', 'db already has a different port'],
    ['a pattern', ['add', '*.com', '--yes'], SEQUENCE, 'shell pattern'],
    ['a list', ['add', 'a,b', '--yes'], SEQUENCE, 'is not one host'],
    ['two users', ['add', 'bob@new', '-l', 'eve', '--yes'], SEQUENCE, 'two different users are given'],
    ['a sequence as a port', ['add', 'new:17001,17002', '--yes'], SEQUENCE, 'is not a port'],
    ['a knock command without ports', ['add', 'knock', '-v', 'new'], '', 'has no ports'],
    ['an fwknop command without a stanza', ['add', 'fwknop -A tcp/22 -D new'], '', 'add fwknop -n HOST'],
    ['an ssh command with a key', ['add', 'ssh', '-i', 'k', 'new'], '', '-i of the ssh command'],
    ['no sequence', ['add', 'new', '--yes'], '', 'the knock sequence is empty'],
    ['a wrong sequence', ['add', 'new', '--yes'], '17009,99999', 'step 2 of the knock sequence'],
    ['a wrong port', ['add', 'new', '--yes', '--port', '0'], SEQUENCE, '--port must be a number'],
    ['an odd name', ['add', 'new', '--yes', '--hostname', 'a"b'], SEQUENCE, 'is not one plain word'],
    ['a file none', ['add', 'new', '--yes', '-F', 'none'], SEQUENCE, "'none' cannot be edited"],
  ])('refuses %s, with one line and exit status 2', (_, args, input, message) => {
    const home = new ConfigHome({ text: 'Host db\n  Port 22\n' });
    home.run(['add', 'web', '--yes'], SEQUENCE);
    fs.appendFileSync(home.knockConfig, 'Host db\n  KnockSequence 17004\n');
    const files = [home.read(), home.read(home.knockConfig)];
    const result = home.run(args, input);
    expect(result.status).toBe(2);
    expect(result.stderr).toMatch(/^knockproxy: error: .*\n(knockproxy: hint: .*\n)*$/);
    expect(result.stderr).toContain(message);
    expect(result.stderr + result.stdout).not.toMatch(SECRET);
    expect([home.read(), home.read(home.knockConfig)]).toEqual(files);
  });

  it('--force overrides an existing door', () => {
    const home = new ConfigHome({ text: 'Host web\n  Port 22\n' });
    home.run(['add', 'web', '--yes'], SEQUENCE);
    const result = home.run(['add', 'web', '--yes', '--force', '--port', '99'], '17009');
    expect(result).toMatchObject({ status: 0, stderr: '' });
    expect(home.read(home.knockConfig)).not.toContain('17001');
    expect(home.sshG('web').get('port')).toBe('99');
    home.run(['remove', 'web', '--yes']);
    expect(home.read()).toBe('Host web\n  Port 22\n');
  });

  it.each([
    [
      'an alias that a pattern on the address rivals',
      'Host web\n  HostName 10.0.0.1\n',
      'Host 10.*\n  KnockSequence 17009\n',
      " '%n'",
    ],
    ['a door that depends on the user', '', 'Match user eve\n  KnockSequence 17009\n', " '%n' '%r'"],
    ['a HostName', 'Host web\n  HostName 10.0.0.1\n', '', ''],
  ])('passes what is needed for %s', (_, text, knock, more) => {
    const home = new ConfigHome({ text });
    home.write('knock/knock_config', knock);
    expect(home.run(['add', 'web', '--yes'], SEQUENCE)).toMatchObject({ status: 0, stderr: '' });
    expect(home.sshG('web').get('proxycommand')).toMatch(new RegExp(` -- '%h' %p${more}$`));
    expect(home.run(['add', 'web', '--yes'], SEQUENCE).stdout).toContain('already set up');
  });

  it.each(['%h %p %n %r', "'%h' %p %n"])('writes a line anew that ends in %s, without --force', (tokens) => {
    const home = new ConfigHome({ text: 'Host web\n  Port 2222\n' });
    home.run(['add', 'web', '--yes'], SEQUENCE);
    fs.writeFileSync(home.config, home.read()!.replace("-- '%h' %p", tokens));
    const asked = home.run(['add', 'web']);
    expect(asked.stdout).toContain(tokens);
    expect(asked.stderr).toContain('cannot ask for confirmation: no terminal');
    expect(home.run(['add', 'web', '--yes'])).toMatchObject({ status: 0, stderr: '' });
    expect(home.sshG('web').get('proxycommand')).toMatch(/ -- '%h' %p$/);
    home.run(['remove', 'web', '--yes']);
    expect(home.read()).toBe('Host web\n  Port 2222\n');
  });

  it('keeps a line that passes more than is needed', () => {
    const home = new ConfigHome({ text: '' });
    home.run(['add', 'web', '--yes'], SEQUENCE);
    fs.writeFileSync(home.config, home.read()!.replace("'%h' %p", "'%h' %p '%n' '%r'"));
    expect(home.run(['add', 'web', '--yes']).stdout).toContain('already set up');
  });

  it.each([
    ['me@new:2222', SEQUENCE, 'me', '2222'],
    ['ssh://me@new:2222', SEQUENCE, 'me', '2222'],
    ['ssh -p 2222 me@new', SEQUENCE, 'me', '2222'],
    ['knock new 17001 17002:udp 17003', '', 'root', '22'],
  ])('understands %s, in words and as one', (line, input, user, port) => {
    for (const words of [line.split(' '), [line]]) {
      const home = new ConfigHome({ text: 'Host *\n  User root\n' });
      const { status, stdout, stderr } = home.run(['add', ...words, '--yes'], input);
      expect({ status, stdout: stdout.match(SECRET) }).toEqual({ status: 0, stdout: null });
      expect(home.read(home.knockConfig)).toContain('  KnockSequence 17001:tcp,17002:udp,17003:tcp\n');
      const found = home.sshG('new');
      expect([found.get('user'), found.get('port')]).toEqual([user, port]);
      const warning = 'knockproxy: warning: the knock sequence is now in the shell history';
      expect(stderr.split('\n').filter((text) => text.startsWith(warning))).toHaveLength(
        input === '' ? 1 : 0,
      );
    }
  });

  it('understands fwknop -n STANZA', () => {
    const home = new ConfigHome({ text: '' });
    const words = ['fwknop', '-A', 'tcp/2222', '-n', 'work', '-D', 'new', '--yes'];
    expect(home.run(['add', ...words])).toMatchObject({ status: 0, stderr: '' });
    expect(home.read(home.knockConfig)).toContain('Host new\n  KnockSpa work\n');
    expect(home.sshG('new').get('port')).toBe('2222');
  });

  it('an empty sequence keeps the door that is there', () => {
    const home = new ConfigHome({ text: '' });
    home.write('knock/knock_config', 'Host web\n  KnockSequence 17001\n');
    expect(home.run(['add', 'web', '--yes'])).toMatchObject({ status: 0, stderr: '' });
    expect(home.read(home.knockConfig)).toBe('Host web\n  KnockSequence 17001\n');
  });

  it('refuses to name a script in an npx cache', () => {
    const home = new ConfigHome({ text: '' });
    const cache = path.join(home.folder, '.npm/_npx/0123/node_modules/knockproxy');
    fs.cpSync(path.dirname(PROGRAM), path.join(cache, 'dist'), { recursive: true });
    fs.symlinkSync(path.resolve('node_modules'), path.join(home.folder, 'node_modules'));
    const run = (...more: string[]) =>
      spawnSync(
        process.execPath,
        [path.join(cache, 'dist/knockproxy.cjs'), 'add', 'web', '--yes', '-F', home.config, ...more],
        { input: SEQUENCE, encoding: 'utf8', env: { ...process.env, XDG_STATE_HOME: home.folder } },
      );
    const files = ['--knock-config', home.knockConfig];
    expect(run(...files)).toMatchObject({ status: 2 });
    expect(run(...files).stderr).toContain('npx');
    expect(run(...files, '--portable')).toMatchObject({ status: 0, stderr: '' });
    expect(home.read()).toContain('ProxyCommand knockproxy -F ');
  });

  it('keeps the last three versions, in the state folder', () => {
    const home = new ConfigHome({ text: '# 0\n' });
    for (const host of ['a', 'b', 'c', 'd', 'e']) home.run(['add', host, '--yes'], SEQUENCE);
    const folder = path.join(home.state, 'backups');
    const copies = fs.readdirSync(folder).filter((name) => name.startsWith('config.'));
    expect(copies).toHaveLength(3);
    expect(copies.every((name) => mode(path.join(folder, name)) === '600')).toBe(true);
    expect(home.read(path.join(folder, copies.sort().at(-1)!))).toContain('Host d\n');
    expect(fs.readdirSync(home.folder).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it('a hidden prompt on a terminal', async () => {
    const home = new ConfigHome({ text: '' });
    const { stdout } = await onTerminal(home, [
      ['(not shown): ', '17009\u0015170077\u007f,17002:udp\r'],
      ['[y/N] ', 'y\r'],
    ]);
    expect(stdout).toContain('Knock sequence for web (not shown): ');
    expect(stdout).toContain('Write this? [y/N] ');
    expect(stdout).not.toMatch(/\b1700/);
    expect(home.read(home.knockConfig)).toContain('KnockSequence 17007:tcp,17002:udp');
  });

  it.each([
    ['Ctrl-C', '17009\u0003', 130, 'interrupted'],
    ['Ctrl-D', '\u0004', 1, 'could not read an answer from the terminal'],
  ])('%s at a hidden prompt: nothing is written', async (_, keys, code, message) => {
    const home = new ConfigHome({ text: '' });
    const result = await onTerminal(home, [['(not shown): ', keys]]);
    expect(result.code).toBe(code);
    expect(result.stdout).toContain(message);
    expect(result.stdout).not.toMatch(/\b1700/);
    expect(home.read(home.knockConfig)).toBeUndefined();
  });
});

/** `knockproxy add web` on a terminal, and a person who types after each prompt. */
async function onTerminal(home: ConfigHome, dialog: readonly (readonly [prompt: string, keys: string])[]) {
  const files = `-F ${home.config} --knock-config ${home.knockConfig}`;
  const command = `${process.execPath} ${PROGRAM} add web ${files}`;
  const env = { ...process.env, XDG_STATE_HOME: path.join(home.folder, 'state') };
  const child = spawn('script', ['-qec', command, '/dev/null'], { env });
  const left = [...dialog];
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text;
    if (left[0] && stdout.includes(left[0][0])) child.stdin.write(left.shift()![1]);
  });
  const [code] = await once(child, 'close');
  return { code, stdout };
}

describe('remove', () => {
  it('--all undoes everything, deletes state and says where a secret remains', () => {
    const home = new ConfigHome({ text: 'User bob\n', files: { '.git/HEAD': '' } });
    home.write('knock/knock_config', 'Host old\n  KnockSequence 17008\n');
    for (const host of ['web', 'mail']) home.run(['add', host, '--yes'], SEQUENCE);
    const { status, stdout, stderr } = home.run(['remove', '--all', '--yes']);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(home.read()).toBe('User bob\n');
    expect(home.read(home.knockConfig)).toBe('Host old\n  KnockSequence 17008\n');
    expect(fs.existsSync(home.state)).toBe(false);
    expect(stdout).toContain(`${home.knockConfig} line 2 still has a door for old`);
    expect(stdout).toContain('git repository');
    expect(stdout).not.toMatch(SECRET);
  });

  it('takes away the key file that generate --spa wrote, after showing it, and leaves that of another host', async () => {
    const home = new ConfigHome({ text: 'User bob\n' });
    const out = ['--spa', '--out', path.join(home.folder, 'd'), '--add', '--yes'];
    for (const host of ['web', 'web2'])
      expect(home.run(['generate', host, ...out, '--force']).status).toBe(0);
    const keys = (host: string) => path.join(path.dirname(home.knockConfig), `knock_spa.${host}`);
    const secret = home.read(keys('web'))!.split(/\s/)[1]!;
    const { status, stdout } = home.run(['remove', 'web', '--yes']);
    expect(status).toBe(0);
    expect(stdout).toContain(`${keys('web')} (deleted)\n`);
    expect(stdout).not.toContain(secret);
    expect([home.read(keys('web')), home.read(keys('web2'))]).toEqual([undefined, expect.any(String)]);
    home.run(['remove', '--all', '--yes']);
    expect(
      fs
        .readdirSync(home.folder, { recursive: true })
        .map(String)
        .filter((name) => /knock_/.test(name)),
    ).toEqual([]);
  });

  it('keeps a key file that a line of the user names, and says so', () => {
    const home = new ConfigHome({ text: 'User bob\n' });
    home.run(['generate', 'web', '--spa', '--out', path.join(home.folder, 'd'), '--add', '--yes']);
    const keys = path.join(path.dirname(home.knockConfig), 'knock_spa.web');
    fs.appendFileSync(home.knockConfig, `Host other\n  KnockSpaKeyFile ${keys}\n`);
    const { stdout } = home.run(['remove', '--all', '--yes']);
    expect(stdout).toContain(`${keys} remains: it contains keys`);
    expect(home.read(keys)).toBeDefined();
  });

  it('--all leaves nothing of the state folder, also when there was none, or others may look into it', () => {
    const home = new ConfigHome({ text: 'User bob\n' });
    home.run(['add', 'web', '--yes'], SEQUENCE);
    fs.rmSync(home.state, { recursive: true });
    const { status, stdout, stderr } = home.run(['remove', '--all', '--yes']);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).not.toMatch(/kept as|remain/);
    expect(fs.existsSync(home.state)).toBe(false);
    home.run(['add', 'web', '--yes'], SEQUENCE);
    fs.chmodSync(home.state, 0o755);
    home.run(['remove', '--all', '--yes']);
    expect(fs.existsSync(home.state)).toBe(false);
  });

  it('says that copies remain, and does nothing the second time', () => {
    const home = new ConfigHome({ text: 'User bob\n' });
    home.run(['add', 'web', '--yes'], SEQUENCE);
    expect(home.run(['remove', 'web', '--yes']).stdout).toContain('copies of old files remain in');
    expect(home.run(['remove', 'web', '--yes'])).toMatchObject({ status: 0, stderr: '' });
    expect(home.run(['remove', 'web']).stdout).toContain('nothing to remove for web');
  });

  it.each([[['remove']], [['remove', 'web', '--all']]])('%j: one host or all', (args) => {
    expect(new ConfigHome({ text: '' }).run(args)).toMatchObject({ status: 2, stdout: '' });
  });
});
