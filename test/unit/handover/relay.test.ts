import net from 'node:net';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { relay } from '../../../src/handover/relay.ts';
import { RelayBuffer } from '../../../src/handover/relay-buffer.ts';

const servers: net.Server[] = [];
afterEach(() => {
  vi.restoreAllMocks();
  for (const server of servers.splice(0)) server.close();
});

/** A connected, paused client socket, and what the server does with its end. */
async function connected(serve: (socket: net.Socket) => void, buffer?: RelayBuffer): Promise<net.Socket> {
  const server = net.createServer({ allowHalfOpen: true }, serve);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as net.AddressInfo;
  const onread = buffer === undefined ? {} : { onread: buffer };
  const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true, ...onread });
  socket.pause();
  await new Promise((resolve) => socket.once('connect', resolve));
  return socket;
}

function collect(stream: PassThrough): { text: () => string; ended: () => boolean } {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk) => chunks.push(chunk));
  return { text: () => Buffer.concat(chunks).toString(), ended: () => stream.readableEnded };
}

const fail = () => {
  throw new Error('the server has not closed without a byte');
};

describe.each([
  ['a stream', () => undefined],
  ['a buffer', () => new RelayBuffer()],
])('relay of a socket that reads into %s', (_name, make) => {
  let buffer: RelayBuffer | undefined;
  beforeEach(() => {
    buffer = make();
  });

  it('carries what the server sends after stdin has ended', async () => {
    const socket = await connected((peer) => {
      let got = '';
      peer.on('data', (chunk) => {
        got += chunk;
      });
      peer.on('end', () => setTimeout(() => peer.end(`got ${got}`), 20));
    }, buffer);
    const [stdin, stdout] = [new PassThrough(), new PassThrough()];
    const out = collect(stdout);
    stdin.end('hello');
    await relay(socket, { buffer, closedAtOnce: fail, stdin: { stream: stdin }, stdout });
    expect(out.text()).toBe('got hello');
  });

  it.each([
    ['an SSH server', 'SSH-2.0-x\r\n', 100],
    ['another server, with a pause', 'bye', 1300],
  ])('carries what stdin sends after %s has ended', async (_what, bye, pauseMs) => {
    let got = '';
    let gotAll = () => {};
    const all = new Promise<void>((resolve) => {
      gotAll = resolve;
    });
    const socket = await connected((peer) => {
      peer.end(bye);
      peer.on('data', (chunk) => {
        got += chunk;
      });
      peer.on('end', gotAll);
    }, buffer);
    const [stdin, stdout] = [new PassThrough(), new PassThrough()];
    const out = collect(stdout);
    setTimeout(() => stdin.end('late'), pauseMs);
    await relay(socket, { buffer, closedAtOnce: fail, stdin: { stream: stdin }, stdout });
    await all;
    expect(out.text()).toBe(bye);
    expect(got).toBe('late');
  });

  it('ends a second after an SSH server when stdin stays open and silent', async () => {
    const timers = vi.spyOn(globalThis, 'setTimeout');
    const socket = await connected((peer) => peer.end('SSH-2.0-x\r\n'), buffer);
    await relay(socket, {
      buffer,
      closedAtOnce: fail,
      stdin: { stream: new PassThrough() },
      stdout: new PassThrough().resume(),
    });
    const waits = timers.mock.calls.map(([, ms = 0]) => ms);
    expect(Math.max(...waits)).toBe(1000);
  });

  it('tells of a server that closed without a byte', async () => {
    const socket = await connected((peer) => peer.end(), buffer);
    let told = false;
    const tell = () => {
      told = true;
    };
    await relay(socket, {
      buffer,
      closedAtOnce: tell,
      stdin: { stream: new PassThrough() },
      stdout: new PassThrough().resume(),
    });
    expect(told).toBe(true);
  });

  it('ends when the caller breaks off', async () => {
    const socket = await connected((peer) => peer.write('banner'), buffer);
    const stdin = new PassThrough();
    setTimeout(() => stdin.destroy(Object.assign(new Error(), { code: 'ECONNRESET' })), 20);
    await relay(socket, {
      buffer,
      closedAtOnce: fail,
      stdin: { stream: stdin },
      stdout: new PassThrough().resume(),
    });
    expect(socket.destroyed).toBe(true);
  });

  it('ends when nobody reads any more', async () => {
    const socket = await connected((peer) => {
      peer.on('error', () => {});
      setInterval(() => peer.write('more'), 5).unref();
    }, buffer);
    const stdout = new PassThrough();
    setTimeout(() => stdout.destroy(Object.assign(new Error(), { code: 'EPIPE' })), 20);
    await relay(socket, { buffer, closedAtOnce: fail, stdin: { stream: new PassThrough() }, stdout });
    expect(socket.destroyed).toBe(true);
  });

  it('holds back a server that sends faster than stdout takes', async () => {
    let sent = 0;
    const socket = await connected((peer) => {
      peer.on('error', () => {});
      const chunk = Buffer.alloc(65_536);
      const more = () => {
        while (sent < 512 && peer.write(chunk)) sent++;
        if (sent++ < 512) peer.once('drain', more);
      };
      more();
    }, buffer);
    const stdout = new PassThrough();
    const done = relay(socket, { buffer, closedAtOnce: fail, stdin: { stream: new PassThrough() }, stdout });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(socket.bytesRead).toBeLessThan(1_000_000);
    stdout.destroy();
    await done;
  });
});
