import { describe } from 'vitest';
import { cannotRun } from '../netns/describe.ts';
import { containerRefused, machineUnavailable } from './available.ts';

/**
 * describe() for tests that boot a machine. Missing programs are as for describeBed(); where the host does not allow
 * containers the tests are skipped, with CI too, and the reason is printed: no package changes that.
 */
export function describeMachine(name: string, body: () => void): void {
  const reason = machineUnavailable();
  if (reason !== undefined) {
    cannotRun(name, reason, body);
    return;
  }
  const refused = containerRefused();
  if (refused === undefined) {
    describe(name, body);
    return;
  }
  process.stderr.write(`skipped "${name}": ${refused}\n`);
  describe.skip(`${name} (${refused})`, body);
}
