import { expect, test } from 'vitest';
import { answerOf } from '../../../src/check/probe.ts';
import { stepLine, timeline } from '../../../src/check/steps.ts';

const step = (name: string, startMs: number, tookMs: number) =>
  ({ name, status: 'ok', text: 'done', startMs, tookMs }) as const;

test('a step is one line with the time of its end', () => {
  expect(stepLine({ ...step('name', 200, 1050), address: '::1' })).toBe('  1.25 s  ok    name     ::1: done');
});

test('the timeline is to scale and leaves out what took no time', () => {
  const lines = timeline([step('config', 0, 0), step('name', 0, 500), step('knock', 500, 500)]);
  expect(lines).toEqual([
    `name    |${'#'.repeat(24)}${' '.repeat(24)}|   500 ms`,
    `knock   |${' '.repeat(24)}${'#'.repeat(24)}|   500 ms`,
  ]);
});

test('a bar never leaves its frame', () => {
  for (const line of timeline([step('a', 0, 1), step('b', 1, 9999), step('c', 10_000, 3)])) {
    expect(line).toMatch(/^. {7}\|[ #]{48}\|/);
    expect(line).toContain('#');
  }
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
