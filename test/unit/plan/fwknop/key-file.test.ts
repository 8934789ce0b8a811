import { describe, expect, it } from 'vitest';
import { readKeyFile } from '../../../../src/plan/fwknop/key-file.ts';

const read = (text: string) =>
  [...readKeyFile(text, 'keys')].map(([name, { value, line }]) => `${line} ${name} ${value}`);

describe('readKeyFile', () => {
  it.each([
    ['KEY_BASE64: QUJD\nHMAC_KEY_BASE64: REVG\n', ['1 KEY_BASE64 QUJD', '2 HMAC_KEY_BASE64 REVG']],
    [
      '# keys\r\n\r\nHMAC_KEY_BASE64\tREVG;\r\n  KEY_BASE64   QUJD',
      ['3 HMAC_KEY_BASE64 REVG', '4 KEY_BASE64 QUJD'],
    ],
  ])('reads %j', (text, expected) => {
    expect(read(text)).toEqual(expected);
  });

  it.each([
    ['', 'keys: there is no KEY_BASE64 line'],
    ['KEY_BASE64: QUJD\n', 'keys: there is no HMAC_KEY_BASE64 line'],
    ['\nKEY_BASE64\n', 'keys line 2: this is neither KEY_BASE64 VALUE nor HMAC_KEY_BASE64 VALUE'],
    ['KEY_BASE64=QUJD\n', 'keys line 1: this is neither'],
    ['KEY_BASE64: QUJD x\n', 'keys line 1: this is neither'],
    ['QUJD\n', 'keys line 1: this is neither'],
    ['KEY_BASE64: QU-D\n', 'keys line 1: KEY_BASE64 must be base64'],
    ['KEY_BASE64: QUJD\nKEY_BASE64: QUJD\n', 'keys line 2: KEY_BASE64 is repeated'],
  ])('refuses %j', (text, message) => {
    expect(() => read(text)).toThrow(message);
    expect(() => read(text)).not.toThrow(/QU.D/);
  });
});
