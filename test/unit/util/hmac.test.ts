import { createHmac, randomBytes, randomInt } from 'node:crypto';
import { expect, test } from 'vitest';
import { hmacSha256 } from '../../../src/util/hmac.ts';

test('is what node:crypto makes of the same key and text', () => {
  for (let n = 0; n < 500; n++) {
    const key = randomBytes(randomInt(140));
    const text = randomBytes(randomInt(200)).toString('latin1');
    expect(hmacSha256(key, text)).toEqual(createHmac('sha256', key).update(text).digest());
  }
});
