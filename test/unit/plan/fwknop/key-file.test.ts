import { describe, expect, it } from 'vitest';
import { readKeyFile, readKeyOutput } from '../../../../src/plan/fwknop/key-file.ts';

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
    [
      '\nKEY_BASE64\n',
      'keys line 2: this line is not NAME VALUE with one of the names KEY_BASE64, HMAC_KEY_BASE64',
    ],
    ['KEY_BASE64=QUJD\n', 'keys line 1: this line is not NAME VALUE'],
    ['KEY_BASE64: QUJD x\n', 'keys line 1: this line is not NAME VALUE'],
    ['QUJD\n', 'keys line 1: this line is not NAME VALUE'],
    ['KEY_BASE64: QU-D\n', 'keys line 1: KEY_BASE64 must be base64'],
    ['KEY_BASE64: QUJD\nKEY_BASE64: QUJD\n', 'keys line 2: KEY_BASE64 is repeated'],
  ])('refuses %j', (text, message) => {
    expect(() => read(text)).toThrow(message);
    expect(() => read(text)).not.toThrow(/QU.D/);
  });
});

describe('readKeyOutput', () => {
  const printed = (text: string) =>
    [...readKeyOutput(text, 'the output of pass')].map(([name, { value }]) => `${name} ${value}`);

  it.each([
    ['KEY_BASE64: QUJD\nHMAC_KEY_BASE64: REVG\n', ['KEY_BASE64 QUJD', 'HMAC_KEY_BASE64 REVG']],
    ['KEY open sesame;\nHMAC_KEY: a b\n', ['KEY open sesame;', 'HMAC_KEY a b']],
    ['KEY_BASE64 QUJD', ['KEY_BASE64 QUJD']],
  ])('reads %j', (text, expected) => {
    expect(printed(text)).toEqual(expected);
  });

  it.each([
    ['', 'the output of pass: there is no KEY or KEY_BASE64 line'],
    ['HMAC_KEY secret\n', 'the output of pass: there is no KEY or KEY_BASE64 line'],
    ['secret\n', 'the output of pass line 1: this line is not NAME VALUE'],
    ['KEY secret\nACCESS secret\n', 'the output of pass line 2: this line is not NAME VALUE'],
    ['KEY secret\nKEY secret\n', 'the output of pass line 2: KEY is repeated'],
  ])('refuses %j without quoting it', (text, message) => {
    expect(() => printed(text)).toThrow(message);
    expect(() => printed(text)).not.toThrow(/secret/);
  });
});
