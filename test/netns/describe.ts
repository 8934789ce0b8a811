import { describe, test } from 'vitest';
import { bedUnavailable, installed } from './available.ts';

/**
 * describe() for tests that need a bed, and perhaps more programs. Where there can be none they are skipped and the
 * reason is printed; with CI set in the environment the suite fails instead.
 */
export function describeBed(name: string, body: () => void, alsoNeeds: readonly string[] = []): void {
  const missing = alsoNeeds.filter((program) => !installed(program));
  const reason =
    bedUnavailable() ?? (missing.length > 0 ? `not installed: ${missing.join(', ')}` : undefined);
  if (reason === undefined) describe(name, body);
  else cannotRun(name, reason, body);
}

/** Tests that cannot be run here: skipped with the reason printed, a failure with CI set unless they are excused. */
export function cannotRun(
  name: string,
  reason: string,
  body = () => test('cannot be run', () => {}),
  isExcused = false,
): void {
  if (process.env.CI && !isExcused) {
    test(name, () => {
      throw new Error(`CI must not skip this: ${reason}`);
    });
  } else {
    process.stderr.write(`skipped "${name}": ${reason}\n`);
    describe.skip(`${name} (${reason})`, body);
  }
}
