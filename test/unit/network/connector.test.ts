import net from 'node:net';
import { afterEach, expect, it, vi } from 'vitest';
import { Connector } from '../../../src/network/connector.ts';
import { closedPort } from '../login/loopback.ts';

afterEach(() => vi.restoreAllMocks());

it('takes a connect to itself for a refused one', async () => {
  const target = await closedPort();
  const { connect } = net;
  // The kernel may choose the port itself as the source.
  vi.spyOn(net, 'connect').mockImplementation(((options: net.TcpNetConnectOpts) =>
    connect({ ...options, localAddress: target.address, localPort: target.port })) as typeof net.connect);
  const outcome = await new Promise((resolve) => {
    const connected = (socket: net.Socket) => {
      socket.destroy();
      resolve('connected');
    };
    new Connector(target, { connected, failed: resolve }).connect();
  });
  expect(outcome).toBe('ECONNREFUSED');
});
