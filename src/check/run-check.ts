import type { Door, ViaPlace } from '../config/settings.ts';
import { HistoryStore } from '../coordination/history-store.ts';
import type { Target } from '../network/resolve.ts';
import { KNOCKS_ON_SSH, knocksOnSsh } from '../plan/sequence.ts';
import type { Obtained, Warn } from '../secrets/obtained-sequences.ts';
import { realSystem } from '../ssh-config/system.ts';
import { withExec } from '../ssh-config/with-exec.ts';
import { nowMs } from '../util/clock.ts';
import { Log } from '../util/log.ts';
import { checkAddress } from './check-address.ts';
import { type ConfigFinding, readConfig } from './check-config.ts';
import { checkNameLookup } from './check-name-lookup.ts';
import { checkVia } from './check-via.ts';
import type { AddressFinding, Findings, Trap } from './findings.ts';
import { sourceTraps } from './source-traps.ts';
import { tellFailure } from './step-texts.ts';
import type { Steps } from './steps.ts';

interface CheckRequest {
  /** As typed to ssh. */
  readonly alias: string;
  readonly port?: number | undefined;
  readonly family?: 4 | 6 | undefined;
  readonly bindAddress?: string;
  readonly config?: string | undefined;
  readonly knockConfig?: string | undefined;
  /** Wait until a minute after the last opening by this machine. */
  readonly waits: boolean;
  readonly steps: Steps;
  readonly warn: Warn;
}

/** Follows the steps of ssh as far as possible. Problems become findings and are not thrown. */
export async function check(request: CheckRequest): Promise<Findings> {
  const { alias, port, steps } = request;
  const nothing: Findings = { host: alias, port: port ?? 22, traps: [], addresses: [] };
  let config: ConfigFinding;
  try {
    config = await steps.phase('config', () =>
      withExec((system) => readConfig(alias, port, request, system), realSystem()),
    );
  } catch (error) {
    return { ...nothing, unreadable: tellFailure(steps, 'config', error) };
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
  const { steps, warn, waits } = request;
  const { names } = found;
  const { knockVia } = found.settings;
  if (knockVia !== undefined) return checkVia(viaLogin(request, found, knockVia), steps);
  const bound = request.bindAddress === undefined ? {} : { bindAddress: request.bindAddress };
  const settings = { ...found.settings, ...bound };
  const { door } = settings;
  const deadlineMs = nowMs() + settings.limitMs;
  const query = { names, settings, family: request.family, warn, deadlineMs };
  const prepared = await steps.phase('name', () => checkNameLookup(query, steps));
  if (!('targets' in prepared)) return { ...prepared, addresses: [] };
  const { targets, behind } = prepared;
  if (door.source.kind === 'spa') reportClock(steps);
  let obtained: Obtained;
  try {
    obtained = await steps.phase('secret', () => behind!.obtain({ deadlineMs }));
  } catch (error) {
    return { unreadable: tellFailure(steps, 'secret', error), addresses: [] };
  }
  const family = request.family ?? settings.family;
  const elsewhere = await sourceTraps({
    host: names.host,
    settings: { ...settings, family },
    targets,
    deadlineMs,
  });
  for (const { text } of elsewhere) steps.add({ name: 'route', status: 'warning', text });
  const traps = [...found.traps, ...sshTraps(found, obtained, steps), ...elsewhere];
  const addresses: AddressFinding[] = [];
  const state = new HistoryStore();
  const { limitMs } = settings;
  try {
    for (const target of onePerFamily(targets, door)) {
      addresses.push(await checkAddress({ target, door, obtained, limitMs, state, steps, waits }));
    }
  } finally {
    obtained.release?.();
  }
  return { addresses, traps };
}

function viaLogin({ config, warn }: CheckRequest, { names, settings }: ConfigFinding, place: ViaPlace) {
  const { signal } = new AbortController();
  return { place, names, settings, configFile: config, fdpass: false, warn, report: QUIET, signal };
}

/** The steps tell what happens. */
const QUIET = new Log();
QUIET.level = -3;

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

function reportConfig({ block, traps, execs, settings }: ConfigFinding, steps: Steps): void {
  const ran = execs === 0 ? '' : `; ran ${execs} of its Match exec commands, as ssh does`;
  const { kind } = settings.door.source;
  steps.add({ name: 'config', status: 'ok', text: `the door (${kind}) of ${block}${ran}` });
  for (const { severity, text } of traps) {
    steps.add({ name: 'config', status: severity === 'error' ? 'failed' : 'warning', text });
  }
}

function reportClock(steps: Steps): void {
  const now = new Date().toISOString().replace('T', ' ').slice(0, 19);
  const text = `${now} UTC here; fwknopd accepts a difference of at most 120 s, and never answers`;
  steps.add({ name: 'clock', status: 'note', text });
}
