import { describe, expect, it } from 'vitest';
import type { Attempt } from '../../../src/plan/attempt.ts';
import { NO_HISTORY } from '../../../src/plan/history.ts';
import { logins, NOW, plan, sequence, silentLogin } from './schedule.ts';

describe('the preamble', () => {
  const ports = (attempt: Attempt) => attempt.knocks.map(({ step }) => step.port);
  const three = sequence('7000,8000,9000');

  it('precedes the second attempt at a door that may keep state', () => {
    const { attempts } = silentLogin({ sequence: three });
    expect(ports(attempts[0]!)).toEqual([7000, 8000, 9000]);
    expect(ports(attempts[1]!)).toEqual([8000, 8000, 7000, 8000, 9000]);
  });

  it('is left out where the door opens at once', () => {
    const history = logins(8, 300_000, { interval: [0, 2] });
    for (const attempt of silentLogin({ sequence: three, history }).attempts)
      expect(ports(attempt)).toEqual([7000, 8000, 9000]);
  });

  it.each(['7000,icmp:64,9000', '7000,8000:udp:size=64,9000'])(
    'is left out for %s, which knockd does not see',
    (text) => {
      const steps = sequence(text);
      for (const attempt of silentLogin({ sequence: steps }).attempts)
        expect(attempt.knocks.map(({ step }) => step)).toEqual(steps.steps);
    },
  );

  it('is left out after the silence that ends a ban, with a long limit', () => {
    const { attempts, startsMs } = silentLogin({ sequence: three, limitMs: 30_000 });
    expect(startsMs[1]! - startsMs[0]!).toBeGreaterThan(5100);
    expect(ports(attempts[1]!)).toEqual([7000, 8000, 9000]);
  });

  it('precedes the first attempt where the login before cut a sequence short', () => {
    const history = { ...logins(1, 5000), cutShortAt: NOW - 5000 };
    expect(ports(plan({ sequence: three, history }))).toEqual([8000, 8000, 7000, 8000, 9000]);
  });
});

describe('the one attempt of a login after three that failed', () => {
  const afterFailed = (failedLogins: number, agoMs = 1000) =>
    plan({
      sequence: sequence('7000,8000,9000'),
      history: { ...NO_HISTORY, failedLogins, failedAt: NOW - agoMs },
    })
      .knocks.map(({ step }) => step.port)
      .join();

  it.each([
    [0, '7000,8000,9000'],
    [3, '7000,8000,9000'],
    [4, '8000,8000,7000,8000,9000'],
    [5, '8000,8000,7000,8000,9000'],
    [6, '7000,8000,9000'],
    [7, '7000,8000,8000,7000,8000,9000'],
    [8, '7000,7000,8000,9000'],
    [9, '8000,8000,7000,8000,9000'],
  ])('after %i failed logins sends %s', (failedLogins, sent) => {
    expect(afterFailed(failedLogins)).toBe(sent);
  });

  it('sends the plain sequence where knockd has forgotten what was sent', () => {
    expect(afterFailed(4, 30_000)).toBe('7000,8000,9000');
  });
});

describe('a sequence with a step on the hidden port', () => {
  const door = { sequence: sequence('7000,22,9000'), hiddenPort: 22 };

  it('counts its knock as a SYN to the hidden port, within the 16 of a login', () => {
    expect(plan(door).syns).toBe(plan(door).connects.length + 1);
    const { attempts } = silentLogin(door);
    expect(attempts.reduce((sum, { syns }) => sum + syns, 0)).toBeLessThanOrEqual(16);
  });

  it('is not preceded by knocks on it', () => {
    for (const attempt of silentLogin(door).attempts.slice(1))
      expect(attempt.knocks.filter(({ step }) => step.port === 22)).toHaveLength(1);
  });

  it('is like any other where the knocks go to another host', () => {
    expect(plan({ sequence: door.sequence }).syns).toBe(1);
  });
});
