import { describe, expect, it } from 'vitest';
import { isLoopback, parseLocal } from '../../../../src/cli/listen/local-address.ts';

describe('[ADDRESS:]PORT', () => {
  it.each([
    ['5432', ['127.0.0.1', '::1'], 5432],
    ['0', ['127.0.0.1', '::1'], 0],
    ['localhost:80', ['127.0.0.1', '::1'], 80],
    ['127.0.0.2:80', ['127.0.0.2'], 80],
    ['[::1]:80', ['::1'], 80],
    ['*:80', ['0.0.0.0', '::'], 80],
    ['0.0.0.0:65535', ['0.0.0.0'], 65535],
  ])('%s', (text, addresses, port) => {
    expect(parseLocal(text)).toEqual({ kind: 'tcp', addresses, port });
  });

  it('systemd', () => expect(parseLocal('systemd')).toEqual({ kind: 'systemd' }));

  it.each([
    '',
    ':80',
    '65536',
    'web:80',
    '::1:80',
    '[127.0.0.1]:80',
    '127.1:80',
    '[::1]',
    '/run/x',
    '7000,8000',
  ])("refuses '%s'", (text) => expect(() => parseLocal(text)).toThrow(/is not an address to listen on/));
});

it('knows which addresses other machines can reach', () => {
  expect(['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1'].map(isLoopback)).toEqual(Array(4).fill(true));
  expect(['0.0.0.0', '::', '10.0.0.1', '128.0.0.1', '::ffff:10.0.0.1', 'fe80::1'].some(isLoopback)).toBe(
    false,
  );
});
