import dgram from 'node:dgram';

/** A UDP socket that never calls a resolver: all addresses are literal. */
export function createUdpSocket(family: 4 | 6): dgram.Socket {
  return dgram.createSocket({
    type: family === 6 ? 'udp6' : 'udp4',
    lookup: (host, _options, callback) => callback(null, host, family),
  });
}
