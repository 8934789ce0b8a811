import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askOwnAddress } from '../../../src/secrets/public-address.ts';

const ANSWERS: Record<string, (response: http.ServerResponse) => void> = {
  '/plain': (response) => response.end('192.0.2.7'),
  '/line': (response) => response.end(' 192.0.2.7\r\n'),
  '/six': (response) => response.end('2001:db8::1\n'),
  '/page': (response) => response.end('<p>192.0.2.7</p>'),
  '/octal': (response) => response.end('192.0.2.007'),
  '/empty': (response) => response.end(),
  '/long': (response) => response.end('192.0.2.7 '.repeat(200)),
  '/endless': (response) => {
    const timer = setInterval(() => response.write('x'.repeat(400)), 5);
    response.on('close', () => clearInterval(timer));
  },
  '/moved': (response) => response.writeHead(302, { location: '/plain' }).end(),
  '/silent': () => {},
  '/drip': (response) => {
    const timer = setInterval(() => response.write(' '), 100);
    response.on('close', () => clearInterval(timer));
  },
  '/broken': (response) => response.destroy(),
};

describe('askOwnAddress', () => {
  let server: http.Server;
  let base: string;
  beforeAll(async () => {
    server = http.createServer(({ url }, response) => ANSWERS[url!]!(response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    base = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  it.each(['/plain', '/line'])('takes the address of %s, with a scheme and without', async (path) => {
    expect(await askOwnAddress(`http://${base}${path}`, 'w')).toBe('192.0.2.7');
    expect(await askOwnAddress(`${base}${path}`, 'w')).toBe('192.0.2.7');
  });

  it.each([
    ['/six', 'w: the answer from 127.0.0.1 does not begin with an IPv4 address'],
    ['/page', 'w: the answer from 127.0.0.1 does not begin with an IPv4 address'],
    ['/octal', 'w: the answer from 127.0.0.1 does not begin with an IPv4 address'],
    ['/empty', 'w: the answer from 127.0.0.1 does not begin with an IPv4 address'],
    ['/long', 'w: could not ask 127.0.0.1 for the public address: its answer is longer than 1024 bytes'],
    ['/endless', 'w: could not ask 127.0.0.1 for the public address: its answer is longer than 1024 bytes'],
    ['/moved', 'w: could not ask 127.0.0.1 for the public address: HTTP status 302'],
    ['/silent', 'w: could not ask 127.0.0.1 for the public address: no answer within 3 s'],
    ['/drip', 'w: could not ask 127.0.0.1 for the public address: no answer within 3 s'],
    ['/broken', 'w: could not ask 127.0.0.1 for the public address: ECONNRESET'],
  ])('refuses %s', async (path, message) => {
    const startedMs = performance.now();
    await expect(askOwnAddress(`http://${base}${path}`, 'w')).rejects.toThrow(message);
    expect(performance.now() - startedMs).toBeLessThan(3600);
  });

  it('says when nobody listens, or the URL is none', async () => {
    await expect(askOwnAddress('http://127.0.0.1:1/secret', 'w')).rejects.toThrow(/ECONNREFUSED$/);
    await expect(askOwnAddress('http://', 'w')).rejects.toThrow('w: the resolve URL is not valid');
  });
});
