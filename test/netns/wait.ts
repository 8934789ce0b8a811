import { setTimeout as delay } from 'node:timers/promises';

/** Looks at a condition every 2 ms until it is truthy; its value is returned. Throws after `timeoutMs` (5000). */
export async function waitFor<T>(
  what: string,
  condition: () => T | Promise<T>,
  timeoutMs = 5000,
): Promise<NonNullable<T>> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const value = await condition();
    if (value) return value as NonNullable<T>;
    if (performance.now() > deadline) throw new Error(`waited ${timeoutMs} ms in vain for ${what}`);
    await delay(2);
  }
}
