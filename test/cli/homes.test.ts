import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { cannotRun } from '../netns/describe.ts';
import { PROGRAM } from './run.ts';

/** Nobody, and nobody's neighbour. */
const OTHER_UID = 54_321;

if (process.getuid?.() === 0) describe('homes and owners', tests);
else cannotRun('homes and owners', 'files of other users need root');

function tests() {
  /** A folder that every user can reach, with the program in it. */
  function place(): { folder: string; program: string } {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'knockproxy-homes-'));
    onTestFinished(() => fs.rmSync(folder, { recursive: true, force: true }));
    fs.chmodSync(folder, 0o755);
    fs.cpSync(path.dirname(PROGRAM), path.join(folder, 'dist'), { recursive: true });
    return { folder, program: path.join(folder, 'dist', path.basename(PROGRAM)) };
  }

  function makeHome(folder: string, name: string, uid = OTHER_UID): string {
    const home = path.join(folder, name);
    fs.mkdirSync(home, { mode: 0o700 });
    fs.chownSync(home, uid, uid);
    return home;
  }

  /** A login through a door that stays shut; `home` is root's in the password database. */
  function login(program: string, home: string, env: NodeJS.ProcessEnv) {
    const config = path.join(home, 'knock_config');
    fs.writeFileSync(config, 'Host *\n KnockSequence 1,2\n KnockTimeout 0.3\n', { mode: 0o600 });
    const passwd = path.join(home, 'passwd');
    const text = fs.readFileSync('/etc/passwd', 'utf8');
    fs.writeFileSync(passwd, text.replace(/^(root:.*:)[^:]*(:[^:]*)$/m, `$1${home}$2`));
    const argv = ['--knock-config', config, '-F', 'none', '127.0.0.1', '1'];
    const script = 'mount --bind "$0" /etc/passwd && exec "$@"';
    return spawnSync('unshare', ['-m', 'sh', '-c', script, passwd, process.execPath, program, ...argv], {
      encoding: 'utf8',
      env: { PATH: process.env.PATH, ...env },
    });
  }

  it.each([
    ['HOME', (vic: string) => ({ HOME: vic })],
    [
      'HOME and XDG folders',
      (vic: string) => ({ HOME: vic, XDG_STATE_HOME: `${vic}/state`, XDG_RUNTIME_DIR: vic }),
    ],
  ])('root with %s of another user leaves nothing there', (_, env) => {
    const { folder, program } = place();
    const vic = makeHome(folder, 'vic');
    const own = makeHome(folder, 'root', 0);
    expect(login(program, own, env(vic)).stderr).toMatch(/^knockproxy: error: 127\.0\.0\.1 port 1 /);
    expect(fs.readdirSync(vic)).toEqual([]);
    if (!('XDG_STATE_HOME' in env(vic))) {
      expect(fs.readdirSync(path.join(own, '.local/state/knockproxy'))).toContain('key');
    }
  });

  it('root in its own home learns there, and through links of its own', () => {
    const { folder, program } = place();
    const own = makeHome(folder, 'root', 0);
    fs.mkdirSync(path.join(folder, 'disk'));
    fs.symlinkSync(path.join(folder, 'disk'), path.join(own, '.local'));
    login(program, own, { HOME: own });
    expect(fs.readdirSync(path.join(folder, 'disk/state/knockproxy'))).toContain('key');
  });

  it.each([
    ['a folder of another user', (at: string) => fs.mkdirSync(at)],
    ['a link of another user', (at: string) => fs.symlinkSync('/tmp', at)],
  ])('%s on the way to the state folder: it is not used', (_, make) => {
    const { folder, program } = place();
    const own = makeHome(folder, 'root', 0);
    const state = path.join(folder, 'state');
    make(state);
    fs.lchownSync(state, OTHER_UID, OTHER_UID);
    login(program, own, { HOME: own, XDG_STATE_HOME: path.join(state, 'knockproxy-homes') });
    expect(fs.existsSync(path.join(state, 'knockproxy-homes'))).toBe(false);
  });

  it('a link in place of the state folder: nothing is made through it', () => {
    const { folder, program } = place();
    const own = makeHome(folder, 'root', 0);
    fs.mkdirSync(path.join(folder, 'elsewhere'), { mode: 0o700 });
    fs.mkdirSync(path.join(folder, 'state'));
    fs.symlinkSync('../elsewhere', path.join(folder, 'state/knockproxy'));
    login(program, own, { HOME: own, XDG_STATE_HOME: path.join(folder, 'state') });
    expect(fs.readdirSync(path.join(folder, 'elsewhere'))).toEqual([]);
  });

  describe.each(['/', '/nonexistent', undefined])('without a passwd entry, with HOME %s', (HOME) => {
    const as = ['--reuid', String(OTHER_UID), '--regid', String(OTHER_UID), '--clear-groups'];
    const env = { PATH: process.env.PATH, HOME };

    async function run(args: readonly string[]) {
      const child = spawn('setpriv', [...as, process.execPath, ...args], { env, cwd: '/' });
      const text = { stdout: '', stderr: '' };
      for (const name of ['stdout', 'stderr'] as const) {
        child[name].setEncoding('utf8').on('data', (data) => {
          text[name] += data;
        });
      }
      await once(child, 'close');
      return text;
    }

    it('the program works', async () => {
      const { folder, program } = place();
      const config = path.join(folder, 'config');
      const doors = (line: string) => fs.writeFileSync(config, `Host *\n ${line}\n KnockTimeout 0.3\n`);
      const login = () => run([program, '-F', config, '--knock-config', 'none', '127.0.0.1', '1']);
      doors('KnockSequence 1,2');
      expect((await login()).stderr).toContain('error: 127.0.0.1 port 1 ');
      doors('KnockSequenceFile ~/none');
      expect((await login()).stderr).toMatch(/error: .*cannot read .*\/none \(ENOENT\)/);
      const { stderr } = await run([program, '127.0.0.1', '1']);
      expect(stderr).toContain('error: could not connect to 127.0.0.1 port 1');
    });

    it('the library works', async () => {
      const { folder } = place();
      const server = net
        .createServer((socket) => socket.on('error', () => {}).end('SSH-'))
        .listen(0, '127.0.0.1');
      onTestFinished(() => void server.close());
      await once(server, 'listening');
      const { port } = server.address() as net.AddressInfo;
      const script = `
        const { openDoor } = require(${JSON.stringify(path.join(folder, 'dist/index.cjs'))});
        openDoor({ host: '127.0.0.1', port: ${port}, sequence: '1,2' }).then(
          (socket) => console.log('connected') ?? socket.destroy(),
          (error) => console.log(error.message));`;
      expect((await run(['-e', script])).stdout).toBe('connected\n');
    });
  });

  it('generate --out refuses a folder that another user can change', () => {
    const { folder } = place();
    const owned = makeHome(folder, 'owned');
    fs.mkdirSync(path.join(folder, 'open'));
    fs.chmodSync(path.join(folder, 'open'), 0o777);
    fs.mkdirSync(path.join(folder, 'mine'));
    fs.symlinkSync('mine', path.join(folder, 'link'));
    const generate = (out: string) =>
      spawnSync(process.execPath, [PROGRAM, 'generate', 'srv', '--yes', '--out', path.join(folder, out)], {
        encoding: 'utf8',
      });
    for (const [out, why] of [
      ['owned', `belongs to another user (uid ${OTHER_UID})`],
      ['owned/below', `can be replaced by another user, who can write to ${owned}`],
      ['open', 'can be written by others (mode 0777)'],
      ['link', 'is a symbolic link'],
      ['dist/knockproxy.cjs', 'is not a directory'],
    ] as const) {
      const { status, stderr } = generate(out);
      expect({ status, stderr }).toEqual({
        status: 2,
        stderr:
          `knockproxy: error: ${path.join(folder, out)} ${why}: ` +
          'anyone who can change install.sh in it can become root on the server\n' +
          'knockproxy: hint: use a directory that only you can write to\n',
      });
    }
    for (const out of ['owned', 'open', 'mine']) expect(fs.readdirSync(path.join(folder, out))).toEqual([]);
    expect(generate('mine').status).toBe(0);
    expect(generate('mine/below').status).toBe(0);
  });
}
