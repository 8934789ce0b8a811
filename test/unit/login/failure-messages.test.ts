import { describe, expect, it } from 'vitest';
import { stayedShut } from '../../../src/login/failure-messages.ts';
import type { StayedShut } from '../../../src/login/open-request.ts';
import { KnockproxyError } from '../../../src/util/errors.ts';
import { HOST } from './fake-login.ts';

const SHUT: StayedShut = {
  kind: 'shut',
  addresses: [{ target: HOST, lastAnswer: undefined }],
  attempts: 3,
  seconds: 8,
  isLone: false,
  usedUp: undefined,
  refusal: undefined,
  isRefused: false,
  isLimited: false,
};
const refusal = (code: string) =>
  new KnockproxyError(`refuses (${code})`, { hints: ['allow it'], cause: code });

describe('a door that stayed shut', () => {
  it('has guesses where nothing is known', () => {
    const { message, hints } = stayedShut('web', 'sequence', SHUT);
    expect(message).toBe('web (192.0.2.1) port 22 stayed shut: 3 attempts in 8.0 s, no answer');
    expect(hints).toEqual([expect.stringMatching(/may be wrong/)]);
  });

  it.each<[string, Partial<StayedShut>, boolean, RegExp, string]>([
    [
      'a firewall of this machine',
      { refusal: refusal('EPERM') },
      false,
      /no answer, and refuses \(EPERM\)$/,
      'allow it',
    ],
    [
      'an address that nothing on this network has',
      {},
      true,
      /no answer to ARP/,
      'the machine is off, or the address is wrong',
    ],
  ])('has no guess beside a certain cause: %s', (_, more, isMissing, message, hint) => {
    const error = stayedShut('web', 'sequence', { ...SHUT, ...more }, isMissing);
    expect(error.message).toMatch(message);
    expect(error.hints).toEqual([hint]);
  });

  it('takes no route of one family for no cause of the silence of the other', () => {
    const { message, hints } = stayedShut('web', 'sequence', { ...SHUT, refusal: refusal('ENETUNREACH') });
    expect(message).not.toContain('refuses');
    expect(hints).toEqual([expect.stringMatching(/may be wrong/)]);
  });
});
