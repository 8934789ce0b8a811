import { knockPlainly, planPlainly } from '../login/knock-only.ts';
import { resolveTargets } from '../network/resolve.ts';
import { abortable } from './abortable.ts';
import type { KnockOptions } from './options.ts';
import { given, stepsOf, validateOptions } from './validate-options.ts';

/**
 * Knocks once and does nothing else, like knock(1): on the first address of the host, and in nobody's turn. Whether
 * a door has opened is not looked at.
 *
 * @throws KnockproxyError when the host has no address, this machine refuses to send, or an option is wrong; what
 *   `signal` was aborted with.
 */
export async function knock(options: KnockOptions): Promise<void> {
  validateOptions({ ...options });
  const { host, sequence, delayMs, family = 0, bindAddress, signal } = options;
  const knocks = planPlainly({ steps: stepsOf(sequence), ...given({ delayMs }) });
  await abortable(signal, async () => {
    const [target] = await resolveTargets({ host, port: 0, family, ...given({ bindAddress, signal }) });
    await knockPlainly(knocks, target!, signal);
  });
}
