import { expect } from 'vitest';

/** Processor time of a call in milliseconds, the least of five: other work on the machine does not count. */
export function leastCpuMs(work: () => void): number {
  const once = () => {
    const before = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  };
  return Math.min(...[1, 2, 3, 4, 5].map(once));
}

/** Expects ten times the input to take at most twenty times as long; below 5 ms nothing can be said. */
export function expectLinear(work: (size: number) => void, size: number): void {
  work(size);
  const small = leastCpuMs(() => work(size));
  expect(leastCpuMs(() => work(10 * size))).toBeLessThanOrEqual(20 * Math.max(5, small));
}
