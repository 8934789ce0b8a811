/** Logins that make one try each, as after three failed ones, against knockd in every state that one source can leave. */
import { expect, it } from 'vitest';
import { NO_HISTORY } from '../../src/plan/history.ts';
import { resetKnocks } from '../../src/plan/reset-knocks.ts';
import { NOW, plan } from '../unit/plan/schedule.ts';
import { explore, send, type Word, type World } from './search.ts';

it.each(['abc', 'ab', 'abcdefghij', 'aab'])(
  '%s opens beside its reverse, within a turn of preambles',
  (word) => {
    const most = resetKnocks(stepsOf(word)).length + 1;
    const reverse = [...word].reverse().join('');
    for (const world of [explore([word, reverse]), explore([word, reverse], { reversed: true })]) {
      for (const state of world.next.keys()) expect(logins(world, state, word)).toBeLessThanOrEqual(most);
    }
  },
);

/** How many logins it takes, the first of them after three that failed. */
function logins(world: World, start: number, word: Word): number {
  let state = start;
  for (let n = 0; n < 50; n++) {
    const outcome = send(world, state, oneTry(word, n + 3));
    if (outcome.opened) return n + 1;
    state = outcome.state;
  }
  return Number.POSITIVE_INFINITY;
}

function oneTry(word: Word, failedLogins: number): Word {
  const { knocks } = plan({
    sequence: { steps: stepsOf(word) },
    history: { ...NO_HISTORY, failedLogins, failedAt: NOW },
    random: Math.random,
  });
  return knocks.map(({ step }) => String.fromCharCode(step.port)).join('');
}

function stepsOf(word: Word) {
  return [...word].map((letter) => ({ port: letter.charCodeAt(0), protocol: 'tcp' as const }));
}
