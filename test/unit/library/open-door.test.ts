import net, { type AddressInfo } from 'node:net';
import { expect, it, onTestFinished, vi } from 'vitest';
import { openDoor } from '../../../src/library/open-door.ts';
import { temporaryFolder } from '../temporary-folder.ts';

/** A server that ends its direction at once and waits for the client's end. */
async function serve(): Promise<{ port: number; ended: Promise<void> }> {
  let end = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const server = net.createServer({ allowHalfOpen: true }, (socket) => socket.end().resume().on('end', end));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { port: (server.address() as AddressInfo).port, ended };
}

it('returns a socket that ends with the server, as those of net.connect() do', async () => {
  vi.stubEnv('XDG_STATE_HOME', temporaryFolder());
  vi.stubEnv('XDG_RUNTIME_DIR', '');
  onTestFinished(() => void vi.unstubAllEnvs());
  const { port, ended } = await serve();
  const socket = await openDoor({ host: '127.0.0.1', port, sequence: [{ port: 9, protocol: 'udp' }] });
  expect(socket.isPaused()).toBe(true);
  socket.resume();
  await ended;
  socket.destroy();
});
