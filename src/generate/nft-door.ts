import { MAX_STEPS, type Step } from '../plan/sequence.ts';
import { echoSize } from '../plan/step-data.ts';
import { usageError } from '../util/errors.ts';
import { checkPort, nftAllow, nftBase } from './base-rules.ts';
import type { FirewallOptions } from './firewall.ts';
import { nftLoading } from './firewall-instructions.ts';
import {
  dispatch,
  FAMILIES,
  type StageTrack,
  saddr,
  stageSets,
  stepChains,
  wrongChain,
} from './nft-stages.ts';
import { nftInputChain, nftSet, nftTable, OPEN_SETS } from './nft-table.ts';

export interface NftDoorOptions extends FirewallOptions {
  /** 1-31 steps, no port and protocol twice, no ICMP size twice. */
  readonly steps: readonly Step[];
  /** Like `steps`, and none of them in common. */
  readonly closeSteps?: readonly Step[];
  /** The hidden TCP port. Default 22. */
  readonly port?: number;
  /** Seconds the door stays open after the last knock, 1-86400. Default 10. */
  readonly openS?: number;
  /** The longest time between two steps in seconds, 1-3600. Default 10. */
  readonly stageS?: number;
}

/**
 * A door without a daemon: the firewall of nftablesFirewall() and, for each step but the last, a set of the addresses
 * that have sent it. For an address that has sent steps 1 to n:
 *
 * - step n+1 counts;
 * - steps 1 to n again change nothing: duplicated packets, resent SYNs and a sequence restarted from any state are
 *   harmless, so a client may simply knock again;
 * - a later step resets it: without this rule a few scans of all ports would open the door;
 * - any other packet changes nothing.
 *
 * Requires `delete` in a rule: tested with nft 1.0.6 on Linux 6.18. Without it nft refuses the whole file and
 * changes nothing.
 *
 * @returns a file for `nft -f`; loading it again replaces it.
 * @throws KnockproxyError (exit status 2) for values out of range and repeated steps.
 */
export function nftDoor(options: NftDoorOptions): string {
  const { steps, closeSteps = [], port = 22, openS = 10, stageS = 10, allow = [] } = options;
  check(options, { port, openS, stageS });
  const tracks: StageTrack[] = [
    {
      name: 'knock',
      steps,
      stageS,
      last: [(v) => `update @${OPEN_SETS[v]} { ${saddr(v)} } drop`],
      verdict: 'drop',
    },
    { name: 'close', steps: closeSteps, stageS, last: [shut, () => 'goto knock_wrong'], verdict: 'drop' },
  ];
  const used = tracks.filter((track) => track.steps.length > 0);
  const table = nftTable([
    nftSet(OPEN_SETS[4], 'ipv4_addr', `dynamic,timeout; timeout ${openS}s`),
    nftSet(OPEN_SETS[6], 'ipv6_addr', `dynamic,timeout; timeout ${openS}s`),
    ...used.flatMap(stageSets),
    ...used.map(wrongChain),
    ...used.flatMap(stepChains),
    nftInputChain([
      ...nftBase(),
      ...nftAllow(allow),
      ...FAMILIES.map((family) => `${saddr(family)} @${OPEN_SETS[family]} tcp dport ${port} accept`),
      ...dispatch(used),
    ]),
  ]);
  return [
    '# A door without a daemon, by knockproxy; for nft -f. Keep it readable by root only.',
    ...nftLoading(),
    table,
  ].join('\n');
}

/** Closing also resets the opening sequence (knock_wrong): a late copy of its last knock must not open again. */
function shut(v: 4 | 6): string {
  return `delete @${OPEN_SETS[v]} { ${saddr(v)} }`;
}

function check(
  options: NftDoorOptions,
  { port, openS, stageS }: { port: number; openS: number; stageS: number },
): void {
  checkDoorSteps({ ...options, port });
  if (!Number.isInteger(openS) || openS < 1 || openS > 86_400)
    throw usageError('openS must be from 1 to 86400 seconds');
  if (!Number.isInteger(stageS) || stageS < 1 || stageS > 3600)
    throw usageError('stageS must be from 1 to 3600 seconds');
}

/** @throws KnockproxyError (exit status 2) for steps out of range, repeated, or let in. */
export function checkDoorSteps({
  steps,
  closeSteps = [],
  allow = [],
  port,
}: Pick<NftDoorOptions, 'steps' | 'closeSteps' | 'allow'> & { readonly port: number }): void {
  checkPort('the hidden port', port);
  if (steps.length < 1 || steps.length > MAX_STEPS || closeSteps.length > MAX_STEPS) {
    throw usageError(`a sequence must have 1 to ${MAX_STEPS} steps`);
  }
  const all = [...steps, ...closeSteps];
  for (const step of all) if (step.protocol !== 'icmp') checkPort('a step of a sequence', step.port);
  const key = ({ port, protocol, data }: Step) =>
    protocol === 'icmp' ? `icmp:${echoSize(data)}` : `${port}:${protocol}`;
  if (new Set(all.map(key)).size < all.length)
    throw usageError('with --server nftables, a sequence must not repeat a port or an ICMP size');
  const open = new Set([`${port}:tcp`, ...allow.map(key)]);
  if (all.some((step) => open.has(key(step)))) throw usageError('a step of a sequence is an allowed port');
}
