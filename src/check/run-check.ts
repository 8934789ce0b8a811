import type { Door } from '../config/settings.ts';
import { HistoryStore } from '../coordination/history-store.ts';
import { prepareLogin } from '../login/prepare-login.ts';
import type { Target } from '../network/resolve.ts';
import { KNOCKS_ON_SSH, knocksOnSsh } from '../plan/sequence.ts';
import type { Obtained, Warn } from '../secrets/obtained-sequences.ts';
import { realSystem } from '../ssh-config/system.ts';
import { withExec } from '../ssh-config/with-exec.ts';
import { nowMs } from '../util/clock.ts';
import { KnockproxyError } from '../util/errors.ts';
import { printable } from '../util/log.ts';
import { checkAddress } from './check-address.ts';
import { type ConfigFinding, readConfig } from './check-config.ts';
import type { AddressFinding, Findings, Trap } from './findings.ts';
import type { Steps } from './steps.ts';

interface CheckRequest {
  /** As typed to ssh. */
  readonly alias: string;
  readonly port?: number | undefined;
  readonly family?: 4 | 6 | undefined;
  readonly config?: string | undefined;
  readonly knockConfig?: string | undefined;
  readonly steps: Steps;
  readonly warn: Warn;
}

/** Follows the steps of ssh as far as possible. Problems become findings and are not thrown. */
export async function check(request: CheckRequest): Promise<Findings> {
  const { alias, port, steps } = request;
  const nothing: Findings = { host: alias, port: port ?? 22, traps: [], addresses: [] };
  let config: ConfigFinding;
  try {
    config = await withExec((system) => readConfig(alias, port, request, system), realSystem());
  } catch (error) {
    return { ...nothing, unreadable: reportError(error, 'config', steps) };
  }
  reportConfig(config, steps);
  const { settings, names, traps } = config;
  const { door } = settings;
  const base: Findings = {
    ...nothing,
    port: names.port,
    traps,
    kind: door.source.kind,
    ...(door.delayMs !== undefined && { delayMs: door.delayMs }),
    ...(settings.knockHost !== undefined && { knockHost: settings.knockHost }),
  };
  return { ...base, ...(await checkDoor(request, config)) };
}

async function checkDoor(
  request: CheckRequest,
  found: ConfigFinding,
): Promise<Partial<Findings> & Pick<Findings, 'addresses'>> {
  const { steps, warn } = request;
  const { settings, names } = found;
  const { door } = settings;
  const deadlineMs = nowMs() + settings.limitMs;
  let stage: 'secret' | 'name' = 'secret';
  const onStage = (next: typeof stage) => {
    stage = next;
  };
  const query = { names, settings, family: request.family, warn, deadlineMs, onStage };
  const prepared = await attempt(prepareLogin(query), () => stage, steps);
  if ('text' in prepared) return { [stage === 'secret' ? 'unreadable' : 'unnamed']: prepared, addresses: [] };
  const { targets, behind } = prepared.value;
  reportNames(targets, steps);
  if (door.source.kind === 'spa') reportClock(steps);
  const obtained = await attempt(behind!.obtain({ deadlineMs }), () => 'secret', steps);
  if ('text' in obtained) return { unreadable: obtained, addresses: [] };
  const traps = [...found.traps, ...sshTraps(found, obtained.value, steps)];
  const addresses: AddressFinding[] = [];
  const state = new HistoryStore();
  const { limitMs } = settings;
  try {
    for (const target of onePerFamily(targets, door)) {
      addresses.push(await checkAddress({ target, door, obtained: obtained.value, limitMs, state, steps }));
    }
  } finally {
    obtained.value.release?.();
  }
  return { addresses, traps };
}

/** Of one-time sequences, checks the one that is sent first. */
function sshTraps({ settings, names }: ConfigFinding, { candidates }: Obtained, steps: Steps): Trap[] {
  const sent = [...(candidates[0] ?? []), ...(settings.door.closeSteps ?? [])];
  if (!knocksOnSsh(sent, names.port)) return [];
  steps.add({ name: 'secret', status: 'warning', text: KNOCKS_ON_SSH.text });
  return [{ severity: 'warning', ...KNOCKS_ON_SSH }];
}

/** The preferred address of each family; only one if each knock uses up a one-time sequence. */
export function onePerFamily(targets: readonly Target[], { source }: Door): Target[] {
  const first = targets.filter(({ family }, at) => targets.findIndex((one) => one.family === family) === at);
  return source.kind === 'one-time' ? first.slice(0, 1) : first;
}

type Failure = { readonly text: string; readonly hints: readonly string[] };

async function attempt<T>(
  promise: Promise<T>,
  stage: () => string,
  steps: Steps,
): Promise<{ value: T } | Failure> {
  try {
    return { value: await promise };
  } catch (error) {
    return reportError(error, stage(), steps);
  }
}

function reportError(error: unknown, name: string, steps: Steps): Failure {
  if (!(error instanceof KnockproxyError)) throw error;
  steps.add({ name, status: 'failed', text: error.message });
  return { text: error.message, hints: error.hints };
}

function reportConfig({ block, traps, execs, settings }: ConfigFinding, steps: Steps): void {
  const ran = execs === 0 ? '' : `; ran ${execs} of its Match exec commands, as ssh does`;
  const { kind } = settings.door.source;
  steps.add({ name: 'config', status: 'ok', text: `the door (${kind}) of ${block}${ran}` });
  for (const { severity, text } of traps) {
    steps.add({ name: 'config', status: severity === 'error' ? 'failed' : 'warning', text });
  }
}

function reportNames(targets: readonly Target[], steps: Steps): void {
  const shown = ([4, 6] as const).map((family) => {
    const own = targets.filter((target) => target.family === family).map(({ address }) => printable(address));
    return `IPv${family} ${own.length === 0 ? 'none' : own.join(' ')}`;
  });
  steps.add({ name: 'name', status: 'ok', text: shown.join(', ') });
}

function reportClock(steps: Steps): void {
  const now = new Date().toISOString().replace('T', ' ').slice(0, 19);
  const text = `${now} UTC here; fwknopd accepts a difference of at most 120 s, and never answers`;
  steps.add({ name: 'clock', status: 'note', text });
}
