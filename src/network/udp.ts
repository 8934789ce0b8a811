import dgram from 'node:dgram';

/** A UDP socket that never asks a resolver: it is only given literal addresses. */
export function createUdpSocket(family: 4 | 6): dgram.Socket {
  return dgram.createSocket({
    type: family === 6 ? 'udp6' : 'udp4',
    lookup: (host, _options, callback) => callback(null, host, family),
  });
}
