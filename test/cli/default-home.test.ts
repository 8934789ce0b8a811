import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { ConfigHome, SECRET, SEQUENCE } from './config-home.ts';
import { PROGRAM } from './run.ts';

const canMount =
  process.getuid?.() === 0 &&
  spawnSync('unshare', ['-m', 'mount', '--bind', '/etc/passwd', '/etc/passwd']).status === 0;
if (!canMount && process.env.CI) throw new Error('this test needs root and unshare(1)');
if (!canMount) console.log('skipped: another home needs root and unshare(1)');

/** ssh and knockproxy take the home folder from the password database: here it is another one. */
function inHome(home: ConfigHome, script: string, input = '') {
  const passwd = fs
    .readFileSync('/etc/passwd', 'utf8')
    .replace(/^(root:.*:)[^:]*(:[^:]*)$/m, `$1${home.folder}$2`);
  home.write('passwd', passwd);
  const command = `mount --bind ${home.folder}/passwd /etc/passwd && ${script}`;
  // As cron starts things: no HOME, no terminal, hardly a PATH.
  return spawnSync('setsid', ['-w', 'unshare', '-m', 'sh', '-c', command], {
    input,
    encoding: 'utf8',
    timeout: 30_000,
    env: { PATH: '/usr/bin:/bin', SHELL: '/bin/sh', XDG_STATE_HOME: `${home.folder}/state` },
  });
}

it.skipIf(!canMount)('add, ssh from cron, remove: in ~/.ssh', () => {
  const home = new ConfigHome();
  const program = `${process.execPath} ${PROGRAM}`;
  const options = '--hostname 127.0.0.1 --port 1 --yes';
  expect(inHome(home, `${program} add web ${options}`, SEQUENCE)).toMatchObject({ status: 0, stderr: '' });
  const folder = path.join(home.folder, '.ssh');
  expect(fs.statSync(folder).mode & 0o777).toBe(0o700);
  expect(fs.readdirSync(folder).sort()).toEqual(['config', 'knock_config']);
  expect(inHome(home, 'ssh -G web').stdout).toMatch(/^proxycommand \/\S+ \/\S+\/knockproxy.cjs -- '%h' %p$/m);

  fs.appendFileSync(path.join(folder, 'knock_config'), 'Host web\n  KnockTimeout 0.5\n');
  const { stderr } = inHome(home, 'ssh web true');
  expect(stderr).toMatch(/^knockproxy: error: .*127\.0\.0\.1/m);
  expect(stderr).not.toMatch(SECRET);

  expect(inHome(home, `${program} remove --all --yes`)).toMatchObject({ status: 0, stderr: '' });
  expect(fs.readdirSync(folder)).toEqual(['knock_config']);
  expect(fs.readdirSync(path.join(home.folder, 'state'))).toEqual([]);
});

it.skipIf(!canMount).each([
  ['a folder', true],
  ['nothing yet', false],
])('add, import and remove work where ~/.ssh is a symbolic link to %s', (_, exists) => {
  const home = new ConfigHome();
  const real = path.join(home.folder, 'dot', 'ssh');
  fs.mkdirSync(exists ? real : path.dirname(real), { recursive: true, mode: 0o755 });
  fs.symlinkSync('dot/ssh', path.join(home.folder, '.ssh'));
  home.write(
    'knockd.conf',
    '[open]\n  sequence = 17001,17002\n  command = /sbin/iptables -A INPUT -s %IP% -p tcp --dport 22 -j ACCEPT\n',
  );
  const program = `${process.execPath} ${PROGRAM}`;
  for (const command of [
    'add web --hostname 127.0.0.1 --yes',
    `import ${home.folder}/knockd.conf --host other --yes`,
    'remove web --yes',
  ]) {
    expect(inHome(home, `${program} ${command}`, SEQUENCE)).toMatchObject({ status: 0, stderr: '' });
  }
  expect(fs.statSync(real).mode & 0o777).toBe(0o700);
  expect(fs.readdirSync(real).sort()).toEqual(['config', 'knock_config']);
  expect(fs.readFileSync(path.join(real, 'knock_config'), 'utf8')).toContain('Host other');
  expect(fs.lstatSync(path.join(home.folder, '.ssh')).isSymbolicLink()).toBe(true);
});
