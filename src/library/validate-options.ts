import { formatStep } from '../plan/format-sequence.ts';
import { parseSequence, type Step } from '../plan/sequence.ts';
import { usageError } from '../util/errors.ts';
import { MAX_PORT } from '../util/text.ts';
import type { KnockSequence } from './options.ts';

type UncheckedOptions = Readonly<Record<string, unknown>>;

/** Minimum, maximum, and whether the number must be an integer. */
const RANGES = {
  port: [1, MAX_PORT, true],
  timeoutMs: [100, 3_600_000, false],
  delayMs: [0, 60_000, false],
  sequenceTimeoutMs: [1000, 3_600_000, false],
} as const;

const FAMILIES: readonly unknown[] = [undefined, 0, 4, 6];

/** @throws KnockproxyError naming the option, never its value. */
export function validateOptions(options: UncheckedOptions): void {
  for (const [name, [min, max, whole]] of Object.entries(RANGES)) {
    const value = options[name];
    if (value === undefined) continue;
    const isInRange = typeof value === 'number' && value >= min && value <= max;
    if (!isInRange || (whole && !Number.isInteger(value))) {
      throw usageError(`${name} must be ${whole ? 'an integer' : 'a number'} from ${min} to ${max}`);
    }
  }
  if (!FAMILIES.includes(options.family)) throw usageError('family must be 0, 4 or 6');
  if (typeof options.host !== 'string') throw usageError('host must be a name or an address');
}

/** Checks a sequence and returns its steps. @throws KnockproxyError naming the step by its number only. */
export function stepsOf(sequence: KnockSequence): Step[] {
  if (typeof sequence === 'string') return parseSequence(sequence);
  if (!Array.isArray(sequence)) throw usageError('a sequence is a string or a list of steps');
  const steps: readonly Step[] = sequence;
  // What separates steps is refused inside of one.
  const texts = steps.map((step) => formatStep({ ...step }).replace(/[\s,]/g, '%'));
  return parseSequence(texts.join(',')).map((step, index) => ({ ...steps[index], ...step }));
}

/** Omits the properties that are undefined. */
export function withoutUndefined<T extends object>(
  options: T,
): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]?: Exclude<T[K], undefined> };
}
