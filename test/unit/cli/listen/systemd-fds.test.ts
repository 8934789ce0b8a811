import { expect, it } from 'vitest';
import { systemdFds } from '../../../../src/cli/listen/systemd-fds.ts';

it('takes the sockets that are passed to this process, and hides them from its children', () => {
  const env = { LISTEN_PID: '7', LISTEN_FDS: '2', LISTEN_FDNAMES: 'a:b', PATH: '/bin' };
  expect(systemdFds(env, 7)).toEqual([3, 4]);
  expect(env).toEqual({ PATH: '/bin' });
});

it.each([
  {},
  { LISTEN_FDS: '1' },
  { LISTEN_PID: '8', LISTEN_FDS: '1' },
  { LISTEN_PID: '7', LISTEN_FDS: '0' },
  { LISTEN_PID: '7', LISTEN_FDS: 'x' },
])('has none with %j', (env) => {
  expect(() => systemdFds({ ...env }, 7)).toThrow(/no socket/);
});
