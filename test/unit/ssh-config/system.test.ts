import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { EXEC_MARKER } from '../../../src/ssh-config/evaluate.ts';
import { realSystem } from '../../../src/ssh-config/system.ts';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'knockproxy-system-'));
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));
const system = realSystem();

test('reads bytes with mode and owner, and says why it cannot', () => {
  const file = path.join(folder, 'file');
  fs.writeFileSync(file, Buffer.from([0x61, 0xe9, 0]), { mode: 0o600 });
  expect(system.read(file)).toMatchObject({ text: 'a\xe9\0', mode: 0o100600, uid: process.getuid?.() });
  expect(system.read(path.join(folder, 'none'))).toBe('ENOENT');
  expect(system.read(path.join(file, 'below'))).toBe('ENOTDIR');
  expect(system.read(folder)).toMatchObject({ text: '' });
});

test('lists and finds files by their bytes', () => {
  const name = Buffer.from([0x78, 0xff]);
  fs.writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), name]), '');
  expect(system.list(folder)).toContain('x\xff');
  expect(system.exists(`${folder}/x\xff`)).toBe(true);
  expect(system.exists(`${folder}/x`)).toBe(false);
  expect(system.exists(`${folder}/file/below`)).toBe(false);
  expect(system.list(`${folder}/none`)).toEqual([]);
});

test('runs a command with the shell, without our stdin and stdout', () => {
  const script = `
    import { realSystem } from ${JSON.stringify(path.resolve('src/ssh-config/system.ts'))};
    import { withExec } from ${JSON.stringify(path.resolve('src/ssh-config/with-exec.ts'))};
    process.env.NODE_CHANNEL_FD = '9';
    const run = (command, env, real = realSystem()) => withExec((system) => system.exec(command, env), real);
    const status = await run('cat; echo out; echo "err $X $NODE_CHANNEL_FD" >&2; exit 3', { X: 'marker' });
    const killed = await run('kill -9 $$', {});
    const notStarted = await run('true', {}, realSystem({ ...process.env, SHELL: '/nowhere' }));
    process.exit(status === 3 && killed === -1 && notStarted === -1 ? 0 : 9);`;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '-e', script],
    {
      input: 'what ssh sent',
      encoding: 'utf8',
      env: { ...process.env, SHELL: '/bin/sh' },
    },
  );
  expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
  expect(stderr).toContain('err marker \n');
});

test('knows this machine', () => {
  expect(system.home).toBe(os.userInfo().homedir);
  expect(system.localUser).toBe(os.userInfo().username);
  expect(system.hostname()).toBe(os.hostname());
  expect(system.inNetworks(['127.0.0.0/8'])).toBe(true);
  expect(system.inNetworks(['192.0.2.1', 'nonsense', '2001:db8::/32'])).toBe(false);
  expect(system.inNetworks(['::1'])).toBe(
    Object.values(os.networkInterfaces()).some((own) => own?.some(({ address }) => address === '::1')),
  );
  expect(system.sha1Hex('abc')).toBe('a9993e364706816aba3e25717850c26c9cd0d89d');
  expect(realSystem({ [EXEC_MARKER]: 'ä' }).env(EXEC_MARKER)).toBe('\xc3\xa4');
});
