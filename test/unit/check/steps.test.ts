import { expect, test } from 'vitest';
import { answerOf } from '../../../src/check/probe.ts';
import { stepLine } from '../../../src/check/steps.ts';

test('a step is one line with the time of its end', () => {
  expect(
    stepLine({ name: 'name', status: 'ok', text: 'done', startMs: 200, tookMs: 1050, address: '::1' }),
  ).toBe('  1.25 s  ok    name     ::1: done');
});

test.each([
  [undefined, 'silent'],
  ['ETIMEDOUT', 'silent'],
  ['ECONNREFUSED', 'refused'],
  ['EHOSTUNREACH', 'prohibited'],
  ['EACCES', 'prohibited'],
  ['ENETUNREACH', 'no-route'],
])('%s is %s', (code, answer) => {
  expect(answerOf(code)).toBe(answer);
});
