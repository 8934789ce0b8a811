import { parseSequence, type Step } from '../plan/sequence.ts';
import { usageError } from '../util/errors.ts';
import type { KnockSequence } from './options.ts';

type Given = Readonly<Record<string, unknown>>;

/** What a number may be, and whether it is a whole one. */
const RANGES = {
  port: [1, 65_535, true],
  timeoutMs: [100, 3_600_000, false],
  delayMs: [0, 60_000, false],
  sequenceTimeoutMs: [1000, 3_600_000, false],
} as const;

const FAMILIES: readonly unknown[] = [undefined, 0, 4, 6];

/** @throws KnockproxyError naming the option, never its value. */
export function validateOptions(given: Given): void {
  for (const [name, [min, max, whole]] of Object.entries(RANGES)) {
    const value = given[name];
    if (value === undefined) continue;
    const isGood = typeof value === 'number' && value >= min && value <= max;
    if (!isGood || (whole && !Number.isInteger(value))) {
      throw usageError(`${name} wants a ${whole ? 'whole ' : ''}number from ${min} to ${max}`);
    }
  }
  if (!FAMILIES.includes(given.family)) throw usageError('family wants 0, 4 or 6');
  if (typeof given.host !== 'string') throw usageError('host wants a name or an address');
}

/** The steps of a sequence, checked. @throws KnockproxyError naming the step by its number only. */
export function stepsOf(sequence: KnockSequence): Step[] {
  if (typeof sequence === 'string') return parseSequence(sequence);
  if (!Array.isArray(sequence)) throw usageError('a sequence is a text or a list of steps');
  const steps: readonly Step[] = sequence;
  const checked = parseSequence(steps.map((step) => `${step?.port}:${step?.protocol}`).join(','));
  return checked.map((step, index) => ({ ...steps[index], ...step }));
}

/** Without the properties that are undefined. */
export function given<T extends object>(options: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]?: Exclude<T[K], undefined> };
}
