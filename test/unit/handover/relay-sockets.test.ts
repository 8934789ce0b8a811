import { once } from 'node:events';
import net from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RelayBuffer } from '../../../src/handover/relay-buffer.ts';
import { relaySockets } from '../../../src/handover/relay-sockets.ts';

const servers: net.Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** Both ends of a connection on loopback. */
async function pair(buffer?: RelayBuffer): Promise<{ near: net.Socket; far: net.Socket }> {
  const server = net.createServer({ allowHalfOpen: true });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  const accepted = once(server, 'connection');
  const near = net.connect({
    port,
    host: '127.0.0.1',
    allowHalfOpen: true,
    ...(buffer && { onread: buffer }),
  });
  near.pause();
  await once(near, 'connect');
  const [far] = (await accepted) as [net.Socket];
  return { near, far };
}

/** What a socket gets until the end of that direction. */
async function textOf(socket: net.Socket): Promise<string> {
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk;
  });
  await once(socket, 'end');
  return text;
}

describe('relay between two sockets', () => {
  let client: net.Socket;
  let service: net.Socket;
  let relayed: Promise<void>;
  beforeEach(async () => {
    const buffer = new RelayBuffer();
    const [left, right] = [await pair(), await pair(buffer)];
    client = left.far;
    service = right.far;
    relayed = relaySockets(left.near, right.near, buffer);
  });

  it('passes on the end of each direction by itself, the client first', async () => {
    client.end('question');
    expect(await textOf(service)).toBe('question');
    service.end('answer');
    expect(await textOf(client)).toBe('answer');
    await relayed;
  });

  it('passes on the end of each direction by itself, the server first', async () => {
    service.end('greeting');
    expect(await textOf(client)).toBe('greeting');
    client.end('late');
    expect(await textOf(service)).toBe('late');
    await relayed;
  });

  it.each(['client', 'server'])('passes on an abort by the %s', async (who) => {
    const [aborting, other] = who === 'client' ? [client, service] : [service, client];
    const error = once(other.resume(), 'error');
    aborting.resetAndDestroy();
    expect(await error).toMatchObject([{ code: 'ECONNRESET' }]);
    await relayed;
  });

  it.each(['client', 'server'])(
    'reads no more than fits while the other end of the %s does not',
    async (who) => {
      const [sending, other] = who === 'client' ? [client, service] : [service, client];
      other.pause();
      const block = Buffer.alloc(1 << 20);
      let sent = 0;
      while (sending.write(block) || (await drained(sending))) sent += block.length;
      expect(sent).toBeLessThan(100 << 20);
      let got = 0;
      other.on('data', (data: Buffer) => {
        got += data.length;
      });
      other.resume();
      sending.end();
      await once(other, 'end');
      expect(got).toBe(sent + block.length);
      other.end();
      await Promise.all([relayed, textOf(sending)]);
    },
  );
});

/** Whether a socket takes more within a while. */
function drained(socket: net.Socket): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), 300);
    socket.once('drain', () => {
      clearTimeout(timer);
      resolve(true);
    });
  });
}
