import { describe, expect, it } from 'vitest';
import { readRc } from '../../../../src/plan/fwknop/fwknoprc.ts';
import { localUser, planRequest } from '../../../../src/plan/fwknop/spa-plan.ts';
import type { KnockproxyError } from '../../../../src/util/errors.ts';

const KEYS = 'KEY secret\nHMAC_KEY other\n';
const plan = (lines: string, keys = `${KEYS}ALLOW_IP source\n`, host = 'host.example') =>
  planRequest(readRc(`[h]\n${keys}${lines}\n`, 'h', 'rc'), {
    host,
    port: 2222,
    user: 'alice',
    where: { file: 'config', line: 9 },
  });

describe('planRequest', () => {
  it('fills in what a stanza leaves out', () => {
    expect(plan('')).toEqual({
      content: {
        type: 1,
        access: 'tcp/2222',
        user: 'alice',
        digest: 'sha256',
        key: Buffer.from('secret'),
        hmac: { digest: 'sha256', key: Buffer.from('other') },
      },
      allow: { address: '0.0.0.0' },
      port: 62201,
      offsetS: 0,
    });
  });

  it.each([
    ['ACCESS udp/53,tcp/1', { type: 1, access: 'udp/53,tcp/1' }],
    ['FW_TIMEOUT 30', { type: 3, timeoutS: 30 }],
    ['FW_TIMEOUT 0', { type: 1 }],
    ['NAT_ACCESS 10.0.0.2', { type: 2, access: 'tcp/2222', nat: '10.0.0.2,2222' }],
    ['NAT_ACCESS 10.0.0.2:080\nFW_TIMEOUT 1', { type: 4, nat: '10.0.0.2,80', timeoutS: 1 }],
    ['NAT_LOCAL Y', { type: 5, nat: 'host.example,2222' }],
    ['NAT_LOCAL Y\nSPA_SERVER gw\nFW_TIMEOUT 1', { type: 6, nat: 'gw,2222', timeoutS: 1 }],
    [
      'NAT_LOCAL Y\nNAT_ACCESS 127.0.0.1,22\nNAT_PORT 5000',
      { type: 5, access: 'tcp/5000', nat: '127.0.0.1,22' },
    ],
    ['SPOOF_USER bob\nDIGEST_TYPE SHA1', { user: 'bob', digest: 'sha1' }],
    ['KEY_BASE64 QUJD', { key: Buffer.from('secret') }],
  ])('reads %j', (lines, expected) => {
    expect(plan(lines).content).toMatchObject(expected);
  });

  it.each([
    ['SPA_SERVER gw.example', { server: 'gw.example' }],
    ['SPA_SERVER_PORT 1234', { port: 1234 }],
    ['TIME_OFFSET 2m', { offsetS: 120 }],
    ['TIME_OFFSET 1d\nTIME_OFFSET -1h', { offsetS: -3600 }],
    ['ALLOW_IP 192.0.2.1\nALLOW_IP resolve\nRESOLVE_URL http://x', { allow: { address: '192.0.2.1' } }],
  ])('reads %j besides', (lines, expected) => {
    expect(plan(lines)).toMatchObject(expected);
  });

  it('resolves only with a URL', () => {
    expect(plan('RESOLVE_URL https://x/ip', KEYS).allow).toEqual({ url: 'https://x/ip' });
    expect(() => plan('ALLOW_IP resolve', KEYS)).toThrow(
      'rc line 4: to resolve, knockproxy needs a RESOLVE_URL',
    );
    expect(() => plan('', KEYS)).toThrow('config line 9: there is no ALLOW_IP');
  });

  /** As `fwknop -R --save-rc-stanza` writes it. */
  const SAVED = 'ACCESS tcp/22\nSPA_SERVER 192.0.2.10\nUSE_HMAC Y\n';
  it.each([
    [
      'resolving without a URL',
      `${SAVED}RESOLVE_IP_HTTPS Y\n`,
      KEYS,
      /: RESOLVE_URL https:\/\/www\.cipherdyne\.org\/cgi-bin\/myip,/,
    ],
    [
      'no key',
      SAVED,
      'HMAC_KEY_BASE64 bm90\nALLOW_IP 198.51.100.9\n',
      /add to the stanza KEY PASSPHRASE, or KEY_BASE64$/,
    ],
    [
      'no HMAC key',
      SAVED,
      'KEY k\nALLOW_IP source\n',
      /add to the stanza HMAC_KEY PASSPHRASE, or HMAC_KEY_BASE64$/,
    ],
  ])('prints the line to add for a stanza that fwknop takes: %s', (_, lines, keys, line) => {
    const hints = hintsOf(() => plan(lines, keys));
    expect(hints[0]).toMatch(line);
  });

  it('sends no HMAC without a key for it', () => {
    expect(plan('', 'ALLOW_IP source\nKEY k\n').content).not.toHaveProperty('hmac');
  });

  it.each([
    ['USE_GPG Y', 'rc line 5: GPG is not supported'],
    ['GPG_SIGNING_PW x', 'rc line 5: GPG is not supported'],
    ['ENCRYPTION_MODE CTR', 'rc line 5: only the encryption mode CBC is supported'],
    ['ENCRYPTION_MODE legacy', 'rc line 5: only the encryption mode CBC is supported'],
    ['SPA_SERVER_PROTO http', 'rc line 5: packets can only be sent over UDP'],
    ['SPOOF_SOURCE_IP 1.2.3.4', 'rc line 5: packets cannot be sent from a spoofed address'],
    ['RAND_PORT Y', 'rc line 5: a random destination port is not supported'],
    ['NAT_RAND_PORT Y', 'rc line 5: a random NAT port is not supported'],
    ['ACCESS TCP/22', 'rc line 5: ACCESS must have the form tcp/22'],
    ['ACCESS tcp/0', 'rc line 5: ACCESS must have the form tcp/22'],
    ['ACCESS tcp/22,', 'rc line 5: ACCESS must have the form tcp/22'],
    ['ACCESS none/22', 'rc line 5: ACCESS must have the form tcp/22'],
    ['NAT_PORT 1\nACCESS tcp/1,tcp/2', 'rc line 5: NAT_PORT requires a single port in ACCESS'],
    ['NAT_ACCESS ::1,22', 'rc line 5: NAT_ACCESS must have the form 192.0.2.1,22 (fwknop has no IPv6)'],
    ['NAT_ACCESS a,0', 'rc line 5: NAT_ACCESS must have the form'],
    ['SPOOF_USER a/b', 'rc line 5: SPOOF_USER has a character'],
    ['SPA_SERVER_PORT 0', 'rc line 5: SPA_SERVER_PORT is not a port'],
    ['HMAC_KEY secret', 'rc line 5: the HMAC key is the same as the encryption key'],
    [`KEY ${'k'.repeat(33)}`, 'rc line 5: KEY is longer than the 32 bytes that fwknop accepts'],
  ])('refuses %j', (lines, message) => {
    expect(() => plan(lines)).toThrow(message);
    expect(() => plan(lines)).not.toThrow(/secret|other|kkk/);
  });

  it.each([
    ['', 'config line 9: there is no KEY_BASE64'],
    ['KEY_FILE x', 'rc line 2: KEY_FILE is not supported'],
    ['KEY_BASE64 =', 'rc line 2: KEY_BASE64 is empty'],
    ['KEY k\nUSE_HMAC Y', 'rc line 3: USE_HMAC is set, but there is no HMAC_KEY_BASE64'],
  ])('refuses %j as keys', (lines, message) => {
    expect(() => plan('ALLOW_IP source', `${lines}\n`)).toThrow(message);
  });

  it('refuses a packet of 400 bytes and takes the longest below', () => {
    const ports = (count: number) => Array.from({ length: count }, () => 'tcp/10022').join(',');
    const sha = 'DIGEST_TYPE sha512\nHMAC_DIGEST_TYPE sha512';
    expect(() => plan(`ACCESS ${ports(20)}\n${sha}`)).toThrow(
      /^config line 9: the SPA packet has \d+ bytes, and fwknopd accepts at most 399$/,
    );
    expect(plan(`ACCESS ${ports(4)}\n${sha}`).content.access).toBe(ports(4));
  });

  it('wants an IPv4 server for local NAT', () => {
    expect(() => plan('NAT_LOCAL Y', undefined, '2001:db8::1')).toThrow(
      "rc line 5: NAT_LOCAL needs the server's name or IPv4 address in SPA_SERVER",
    );
  });
});

describe('localUser', () => {
  it.each([
    [{ SPOOF_USER: 'a', LOGNAME: 'c' }, 'b', 'a'],
    [{ LOGNAME: 'c', USER: 'd' }, 'b', 'b'],
    [{ LOGNAME: 'c', USER: 'd' }, undefined, 'c'],
    [{ USER: 'd' }, undefined, 'd'],
    [{}, undefined, 'NO_USER'],
    [{}, 'DOMAIN\\a+b:\xe9', 'DOMAIN_a_b__'],
    [{}, 'u'.repeat(60), 'u'.repeat(48)],
  ])('of %j and %j is %j', (env, name, expected) => {
    expect(localUser(env, name)).toBe(expected);
  });
});

function hintsOf(run: () => unknown): readonly string[] {
  try {
    run();
  } catch (error) {
    return (error as KnockproxyError).hints;
  }
  throw new Error('it did not fail');
}
