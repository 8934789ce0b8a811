import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { ConfigHome, SECRET, SEQUENCE } from './config-home.ts';

const hasSsh = spawnSync('ssh', ['-V']).status === 0;

/** Every file below a folder, with its text and mode. */
function snapshot(folder: string): unknown {
  const names = fs.readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  return names.map((name) => {
    const file = path.join(folder, name);
    const { mode } = fs.lstatSync(file);
    return [name, mode, fs.statSync(file).isFile() ? fs.readFileSync(file, 'latin1') : ''];
  });
}

/** A config with two hosts of `add`, edited to what 1.0.0 and another Node have left. */
function aged(): ConfigHome {
  const home = new ConfigHome({
    text: '# mine\r\nInclude @/conf.d/*\r\nHost *.corp\r\n\tProxyCommand=knockproxy %h %p %n %r \t\r\n',
    files: {
      'conf.d/a':
        'Host inc\n  ProxyCommand  /gone/node /gone/knockproxy.cjs %h %p\nHost n\n ProxyCommand nc %h %p\n',
      'conf.d/b':
        'Host own\n  ProxyCommand ssh jump "knockproxy %h %p"\nHost fine\n  ProxyCommand knockproxy -- "%h" %p\n',
    },
  });
  for (const host of ['web', 'mail']) home.run(['add', host, '--yes'], SEQUENCE);
  const text = home
    .read()!
    .replace(
      /ProxyCommand \S+ \S+( -F.*) -- '%h' %p/,
      'ProxyCommand /gone/node /gone/knockproxy.cjs$1 %h %p',
    );
  fs.writeFileSync(home.config, text, 'latin1');
  return home;
}

describe.skipIf(!hasSsh)('repair', () => {
  it('rewrites every line of knockproxy, in included files too, and nothing else', () => {
    const home = aged();
    const line = home.sshG('mail').get('proxycommand');
    const wrong = home.sshG('web').get('proxycommand');
    expect(wrong).toContain('/gone/node');
    const before = home.read()!;
    const others = ['own', 'n', 'fine', 'x'].map((host) => home.sshG(host));
    const { status, stdout, stderr } = home.run(['repair', '--yes']);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(home.sshG('web').get('proxycommand')).toBe(line);
    expect(home.sshG('mail').get('proxycommand')).toBe(line);
    expect(home.sshG('inc').get('proxycommand')).toBe(line!.replace(/ -F .* -- /, ' -- '));
    expect(['own', 'n', 'fine', 'x'].map((host) => home.sshG(host))).toEqual(others);
    expect(home.read()).toBe(
      before
        .replace(wrong!, line!)
        .replace('=knockproxy %h %p %n %r \t\r', "=knockproxy -- '%h' %p '%n' '%r' \t\r"),
    );
    expect(stdout).toContain('-2:   ProxyCommand  /gone/node /gone/knockproxy.cjs %h %p');
    expect(stdout).toContain(
      'conf.d/b line 2 runs knockproxy with a custom command line and is left unchanged: ProxyCommand ssh jump "knockproxy %h %p"; end it with',
    );
    expect(stdout).toContain('the old version is kept as');
    expect(stdout).not.toMatch(SECRET);
    expect(home.run(['repair']).stdout).toMatch(/^note: .*conf\.d\/b line 2 .*\nnothing to repair\n$/);
    for (const host of ['mail', 'web']) home.run(['remove', host, '--yes']);
    expect(home.read()).not.toContain('>>>');
  });

  it('asks, and without a terminal and --yes writes nothing', () => {
    const home = aged();
    const before = home.read();
    const result = home.run(['repair']);
    expect(result.status).toBe(2);
    expect(result.stderr).toContain('cannot ask for confirmation: no terminal');
    expect(home.read()).toBe(before);
  });

  it('leaves a portable line portable', () => {
    const home = new ConfigHome({ text: '' });
    home.run(['add', 'web', '--yes', '--portable'], SEQUENCE);
    const before = home.read()!;
    fs.writeFileSync(home.config, before.replace("-- '%h' %p", '%h %p'));
    home.run(['repair', '--yes']);
    expect(home.read()).toBe(before);
  });

  it('passes the name where the door needs it', () => {
    const home = new ConfigHome({ text: 'Host web\n  HostName 10.0.0.1\n' });
    home.write('knock/knock_config', 'Host 10.*\n  KnockSequence 17009\n');
    home.run(['add', 'web', '--yes'], SEQUENCE);
    const before = home.read()!;
    fs.writeFileSync(home.config, before.replace("-- '%h' %p '%n'", '%h %p'));
    home.run(['repair', '--yes']);
    expect(home.read()).toBe(before);
  });

  it('says that there is nothing to do', () => {
    const home = new ConfigHome({ text: 'Host web\n  ProxyCommand nc %h %p\n' });
    expect(home.run(['repair'])).toEqual({
      status: 0,
      stderr: '',
      stdout: 'no ProxyCommand runs knockproxy: nothing to repair\n',
    });
    home.run(['add', 'web', '--yes'], SEQUENCE);
    expect(home.run(['repair']).stdout).toBe('nothing to repair\n');
  });
});

describe('--dry-run', () => {
  const KNOCKD =
    '[open]\n sequence = 17001,17002,17003\n command = /sbin/iptables -A INPUT -s %IP% -p tcp --dport 22 -j ACCEPT\n';

  it.each([
    ['add', ['add', 'new', '--dry-run'], SEQUENCE],
    ['add without a sequence', ['add', 'new', '--dry-run'], ''],
    ['add of a host with a door', ['add', 'mail', '--force', '--dry-run', '-l', 'eve'], ''],
    ['import', ['import', '@/knockd.conf', '--host', 'new', '--dry-run'], ''],
    ['remove', ['remove', 'mail', '--dry-run'], ''],
    ['remove --all', ['remove', '--all', '--dry-run'], ''],
    ['generate --out', ['generate', 'new', '--out', '@/door', '--add', '--dry-run'], ''],
    ['generate --ssh', ['generate', 'new', '--ssh', '--dry-run'], ''],
    ['repair', ['repair', '--dry-run'], ''],
  ])('%s shows the changes, and writes nothing', (_, args, input) => {
    const home = aged();
    home.write('knockd.conf', KNOCKD);
    const before = snapshot(home.folder);
    const { status, stdout, stderr } = home.run(
      args.map((word) => word.replace('@', home.folder)),
      input,
    );
    expect({ status, error: /error/.test(stderr) }).toEqual({ status: 0, error: false });
    expect(snapshot(home.folder)).toEqual(before);
    expect(stdout).toMatch(/\n {2}[-+]\d+: /);
    expect(stdout).toMatch(/(^|\n)dry run: nothing was written\n/);
    expect(stdout + stderr).not.toMatch(SECRET);
  });

  it('shows the same as the run that writes', () => {
    const home = aged();
    const shown = home.run(['add', 'new', '--dry-run'], SEQUENCE).stdout.split('\n');
    const done = home.run(['add', 'new', '--yes'], SEQUENCE).stdout.split('\n');
    expect(done.filter((line) => !/the old version is kept|^done: |^$/.test(line))).toEqual(
      shown.filter((line) => !/^dry run|^$/.test(line)),
    );
  });
});
