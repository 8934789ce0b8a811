import { knockPlainly, planPlainly } from '../login/knock-only.ts';
import { resolveTargets } from '../network/resolve.ts';
import { abortable } from './abortable.ts';
import type { KnockOptions } from './options.ts';
import { stepsOf, validateOptions, withoutUndefined } from './validate-options.ts';

/**
 * Sends a sequence once, like knock(1), to the first address of the host and without the lock. Does not check whether a
 * door has opened.
 *
 * @throws KnockproxyError if the host has no address, this machine refuses to send, or an option is invalid; the reason
 *   of `signal`.
 */
export async function knock(options: KnockOptions): Promise<void> {
  validateOptions({ ...options });
  const { host, sequence, delayMs, family = 0, bindAddress, signal } = options;
  const knocks = planPlainly({ steps: stepsOf(sequence), ...withoutUndefined({ delayMs }) });
  await abortable(signal, async () => {
    const [target] = await resolveTargets({
      host,
      port: 0,
      family,
      ...withoutUndefined({ bindAddress, signal }),
    });
    await knockPlainly(knocks, target!, signal);
  });
}
