import { expect, test } from 'vitest';
import { describeMachine } from '../machine/describe.ts';
import { interruptions } from '../machine/interrupt.ts';
import { Site } from '../machine/site.ts';

describeMachine('install, keep, rotate and remove, killed at random moments', () => {
  test('20 of them: never locked out, never silently open', async () => {
    await using site = await Site.open();
    const all = await interruptions(site, 20, Math.random);
    expect(all).toHaveLength(20);
  }, 480_000);
});
