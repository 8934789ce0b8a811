import crypto from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  buildPacket,
  DIGESTS,
  type Digest,
  MESSAGE_TYPES,
  newNonce,
  packetLength,
  type SpaContent,
} from '../../../../src/plan/fwknop/spa-packet.ts';

/** The test vector of the protocol notes, made by the real client. */
const CONTENT: SpaContent = {
  type: MESSAGE_TYPES.access[0],
  access: 'tcp/22',
  user: 'alice',
  digest: 'sha256',
  key: Buffer.from('AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=', 'base64'),
  hmac: { digest: 'sha256', key: Buffer.alloc(64, 'A') },
};
const FRESH = {
  random: '1234567890123456',
  salt: Buffer.from('0102030405060708', 'hex'),
  timeS: 1_700_000_000,
};
const PAYLOAD =
  '8BAgMEBQYHCGn9PZ4nxPwf7DQ7Vp7SDMPX6d36vlKmhoMDTu7pRTvP/QQKLvdltag2iRc4fdawRd2JTTf1ah9s6d97w9zB06' +
  'QRGxqJ+P84Y71aBJ0ZZyJTSkGOFjemgyWVfg9vA1duuvstVS+iFj21IDSdlo1lVCwKMuJZbaD/BSzF5UiJYGyrcMJkfACO7r' +
  'rcRbeYWQ/kMM';

const build = (content: SpaContent, fresh = FRESH, allow = '192.0.2.10') =>
  buildPacket(content, allow, fresh, crypto).toString('latin1');

describe('buildPacket', () => {
  it('makes the bytes of the test vector', () => {
    expect(build(CONTENT)).toBe(PAYLOAD);
  });

  it('leaves the HMAC out when there is none', () => {
    const { hmac: _, ...content } = CONTENT;
    expect(build(content)).toBe(PAYLOAD.slice(0, -43));
  });

  it('changes with the random digits, the salt and the time', () => {
    const others = [
      { ...FRESH, random: '1234567890123457' },
      { ...FRESH, salt: Buffer.from('0102030405060709', 'hex') },
      { ...FRESH, timeS: FRESH.timeS + 1 },
    ];
    expect(new Set([FRESH, ...others].map((fresh) => build(CONTENT, fresh))).size).toBe(4);
  });

  it('shows nothing of the keys when node lacks a digest', () => {
    const createHash = () => {
      throw new Error('Digest method not supported');
    };
    expect(() => buildPacket(CONTENT, '0.0.0.0', FRESH, { ...crypto, createHash })).toThrow(/^Digest method/);
  });
});

describe('packetLength', () => {
  const digests = Object.keys(DIGESTS) as Digest[];
  it.each(digests)('is right with digest and HMAC %s, for users and addresses of all lengths', (digest) => {
    for (let length = 1; length <= 48; length++) {
      for (const allow of ['0.0.0.0', '192.0.2.10', '255.255.255.255']) {
        const content = { ...CONTENT, user: 'u'.repeat(length), digest, hmac: { digest, key: CONTENT.key } };
        expect(packetLength(content, allow)).toBe(build(content, FRESH, allow).length);
      }
    }
  });

  it('is right for the other message types', () => {
    const content = { ...CONTENT, type: MESSAGE_TYPES.nat[1], nat: '10.0.0.2,80', timeoutS: 65_536 };
    expect(packetLength(content, '0.0.0.0')).toBe(build(content, FRESH, '0.0.0.0').length);
  });
});

describe('freshen', () => {
  it('makes 16 digits, 8 bytes of salt and the time with its offset', () => {
    const bytes = [Buffer.alloc(8, 0xff), Buffer.from('0102030405060708', 'hex')];
    expect(newNonce(() => bytes.shift()!, 1_700_000_000_999, -90)).toEqual({
      random: '6744073709551615',
      salt: Buffer.from('0102030405060708', 'hex'),
      timeS: 1_699_999_910,
    });
  });

  it('keeps leading zeros', () => {
    expect(newNonce((size) => Buffer.alloc(size), 0).random).toBe('0000000000000000');
  });

  it('is never twice the same', () => {
    const all = Array.from({ length: 1000 }, () => newNonce(crypto.randomBytes, 0));
    expect(new Set(all.map(({ random }) => random)).size).toBe(1000);
    expect(new Set(all.map(({ salt }) => Buffer.from(salt).toString('hex'))).size).toBe(1000);
  });
});
