import { type LoginQuery, type PreparedLogin, prepareLogin } from '../login/prepare-login.ts';
import type { Target } from '../network/resolve.ts';
import { printable } from '../util/log.ts';
import type { Findings } from './findings.ts';
import { tellFailure } from './step-texts.ts';
import type { Steps } from './steps.ts';

/**
 * Looks up the name as a login does, after reading its secret, and reports the addresses, or why there is none: the texts
 * of network/lookup-errors.ts, as the step `name` and as the problem of the verdict.
 */
export async function checkNameLookup(
  query: Omit<LoginQuery, 'onStage'>,
  steps: Steps,
): Promise<PreparedLogin | Pick<Findings, 'unreadable'> | Pick<Findings, 'unnamed'>> {
  let stage: 'secret' | 'name' = 'secret';
  const onStage = (next: typeof stage) => {
    stage = next;
  };
  try {
    const prepared = await prepareLogin({ ...query, onStage });
    reportAddresses(prepared.targets, steps);
    return prepared;
  } catch (error) {
    const failure = tellFailure(steps, stage, error);
    return { [stage === 'secret' ? 'unreadable' : 'unnamed']: failure };
  }
}

function reportAddresses(targets: readonly Target[], steps: Steps): void {
  const shown = ([4, 6] as const).map((family) => {
    const own = targets.filter((target) => target.family === family).map(({ address }) => printable(address));
    return `IPv${family} ${own.length === 0 ? 'none' : own.join(' ')}`;
  });
  steps.add({ name: 'name', status: 'ok', text: shown.join(', ') });
}
