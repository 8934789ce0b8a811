import { describe, expect, it } from 'vitest';
import { readRc } from '../../../../src/plan/fwknop/fwknoprc.ts';
import { KnockproxyError } from '../../../../src/util/errors.ts';

const FILE = '/home/a/.fwknoprc';
const show = (text: string, stanza = 'host') =>
  Object.fromEntries(
    [...readRc(text, stanza, FILE)].map(([slot, { value, line }]) => [slot, `${line} ${value}`]),
  );
const refusal = (text: string, stanza = 'host') => {
  try {
    readRc(text, stanza, FILE);
  } catch (error) {
    if (error instanceof KnockproxyError) return error;
    throw error;
  }
  return expect.fail('not refused');
};

describe('readRc', () => {
  it.each([
    ['ACCESS tcp/22', { ACCESS: '2 tcp/22' }],
    ['ACCESS: tcp/22', { ACCESS: '2 tcp/22' }],
    ['\t ACCESS \t tcp/22 ', { ACCESS: '2 tcp/22' }],
    ['ACCESS tcp/22;udp/53', { ACCESS: '2 tcp/22' }],
    ['ACCESS tcp/22#ssh', { ACCESS: '2 tcp/22' }],
    ['ACCESS tcp/22 udp/53', { ACCESS: '2 tcp/22' }],
    ['ACCESS tcp/22\r', { ACCESS: '2 tcp/22' }],
    ['# ACCESS tcp/22', {}],
    [';', {}],
    ['', {}],
    ['\r', {}],
    ['ACCESS tcp/22\nACCESS udp/1', { ACCESS: '3 udp/1' }],
    ['NAT_LOCAL Y\nNAT_LOCAL N', { NAT_LOCAL: '2 Y' }],
    ['NAT_LOCAL yes', {}],
    ['ALLOW_IP resolve\nALLOW_IP 192.0.2.1', { RESOLVE: '2 resolve', ALLOW_IP: '3 192.0.2.1' }],
    ['TIME_OFFSET -5m\nTIME_OFFSET 3', { TIME_OFFSET_MINUS: '2 -5m', TIME_OFFSET: '3 3' }],
    [`SPOOF_USER ${'u'.repeat(40)}`, { SPOOF_USER: `2 ${'u'.repeat(29)}` }],
    ['KEY caf\xe9', { KEY: '2 caf\xe9' }],
    ['ACCESS tcp/22\0 what follows a NUL', { ACCESS: '2 tcp/22' }],
    [`#${'x'.repeat(1022)}ACCESS tcp/22`, { ACCESS: '2 tcp/22' }],
  ])('reads %j', (lines, expected) => {
    expect(show(`[host]\n${lines}\n`)).toEqual(expected);
  });

  it('reads default before the stanza, wherever each stands and however often', () => {
    const text =
      '[HOST] x\nACCESS tcp/1\n[other]\nnonsense\n[Default]\nACCESS tcp/2\nFW_TIMEOUT 3\n [host]\nKEY k';
    expect(show(text)).toEqual({ ACCESS: '2 tcp/1', FW_TIMEOUT: '7 3', KEY: '9 k' });
    expect(show(text, 'DEFAULT')).toEqual({ ACCESS: '6 tcp/2', FW_TIMEOUT: '7 3' });
  });

  it('does not care what stands outside of its stanzas', () => {
    expect(show('nonsense\n[host]\nKEY k\n[Host ]\n=\n')).toEqual({ KEY: '3 k' });
  });

  it.each([
    ['ACCESS', 2, 'has no value'],
    ['ACCESS=tcp/22', 2, 'has no value'],
    ['KEY # none', 2, 'has no value'],
    ['  ', 2, 'has no value'],
    ['[host', 2, 'has no value'],
    ['\n  # indented comment', 3, 'no variable'],
    ['access tcp/22', 2, 'no variable'],
    ['CLIENT_TIMEOUT 60', 2, 'no variable'],
    ['constructor x', 2, 'no variable'],
    ['__proto__ x', 2, 'no variable'],
    ['DIGEST_TYPE sha224', 2, 'DIGEST_TYPE must be one of md5, '],
    ['SPA_SERVER_PORT 65536', 2, 'SPA_SERVER_PORT must be a number from 0 to 65535'],
    ['FW_TIMEOUT -1', 2, 'FW_TIMEOUT must be'],
    ['ALLOW_IP host', 2, 'ALLOW_IP must be source, resolve or an IPv4 address'],
    ['ALLOW_IP 010.0.0.1', 2, 'ALLOW_IP must be'],
    ['ALLOW_IP ::1', 2, 'ALLOW_IP must be'],
    ['TIME_OFFSET m', 2, 'TIME_OFFSET must be'],
    ['ENCRYPTION_MODE pcbc', 2, 'ENCRYPTION_MODE must be'],
    ['KEY_BASE64 not-base64', 2, 'KEY_BASE64 must be base64'],
  ])('refuses %j', (lines, line, message) => {
    const error = refusal(`[host]\n${lines}\n`);
    expect(error.message).toMatch(`${FILE} line ${line}: `);
    expect(error.message).toContain(message);
    expect(error.exitCode).toBe(2);
  });

  it('refuses a stanza that is not there', () => {
    expect(refusal('[default]\nKEY k\n', 'bad\x1b[2J').message).toBe(`${FILE}: there is no stanza [bad?[2J]`);
  });
});
