import net, { type AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { readBanner } from '../../../src/check/banner.ts';

const ROWS: [string, (socket: net.Socket) => void, object][] = [
  ['a banner', (socket) => socket.write('SSH-2.0-x y\r\n'), { kind: 'ssh', text: 'SSH-2.0-x y' }],
  ['lines before it', (socket) => socket.write('hello\r\nSSH-2.0-x\n'), { kind: 'ssh', text: 'SSH-2.0-x' }],
  [
    'a banner in parts',
    (socket) => inParts(socket, ['SS', 'H-2.0', '-x\r\n']),
    { kind: 'ssh', text: 'SSH-2.0-x' },
  ],
  ['an escape', (socket) => socket.write('SSH-2.0-\x1b[2J\n'), { kind: 'ssh', text: 'SSH-2.0-\\u{1b}[2J' }],
  ['HTTP', (socket) => socket.write('HTTP/1.0 400 Bad Request\r\n\r\n'), { kind: 'other' }],
  ['too much', (socket) => socket.write(`SSH${'x'.repeat(9000)}`), { kind: 'other' }],
  ['a banner without an end', (socket) => socket.write('SSH-2.0'), { kind: 'other' }],
  ['nothing', () => {}, { kind: 'silent' }],
  ['an end', (socket) => socket.end(), { kind: 'closed' }],
  ['a reset', (socket) => socket.resetAndDestroy(), { kind: 'closed' }],
];
test.each(ROWS)('a server that sends %s', async (_, serve, expected) => {
  const server = net.createServer(serve);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const socket = net.connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.pause();
  expect(await readBanner(socket, 200)).toEqual(expected);
  expect(socket.destroyed).toBe(true);
  server.close();
});

async function inParts(socket: net.Socket, parts: readonly string[]): Promise<void> {
  for (const part of parts) {
    socket.write(part);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
