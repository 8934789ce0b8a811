import { isBeyondKnockd, MAX_STEPS, type Step } from '../plan/sequence.ts';
import { usageError } from '../util/errors.ts';
import { checkPort } from './base-rules.ts';
import type { FirewallKind } from './firewall-commands.ts';

/** 1-31 steps. */
export interface FixedSequence {
  readonly steps: readonly Step[];
}

interface OneTimePool {
  /** Absolute path on the server. */
  readonly oneTimeFile: string;
  /** All steps that occur in it, 1-31 (oneTimeSequences). */
  readonly pool: readonly Step[];
}

/** The contents of a knockd.conf. */
export interface KnockdPlan {
  /** Sections become `openNAME` and `closeNAME`; letters, digits, `_`, `.`, `-`, at most 64. Default SSH. */
  readonly name?: string;
  readonly open: FixedSequence | OneTimePool;
  readonly closeSteps?: readonly Step[];
  /** The hidden TCP port. Default 22. */
  readonly port?: number;
  readonly firewall: FirewallKind;
  /** Seconds for the whole sequence; knockd compares whole seconds with >=. 2-3600, default 10. */
  readonly seqTimeoutS?: number;
  /** Seconds the door stays open, 0: until it is closed. 0-86400, default 10. */
  readonly openS?: number;
  /** The network interface of knockd. Default: knockd's own, eth0. */
  readonly interface?: string;
}

export type CheckedPlan = KnockdPlan & Required<Pick<KnockdPlan, 'name' | 'port' | 'seqTimeoutS' | 'openS'>>;

/**
 * Fills in the defaults.
 *
 * @throws KnockproxyError (exit status 2) for values out of range, sequences that interfere with each other, and text
 *   that knockd would read differently.
 */
export function checkPlan(given: KnockdPlan): CheckedPlan {
  const plan: CheckedPlan = { name: 'SSH', port: 22, seqTimeoutS: 10, openS: 10, ...given };
  if (!/^[\w.-]{1,64}$/.test(plan.name)) {
    throw usageError("the door's name may contain only letters, digits, '_', '.' and '-'");
  }
  if (plan.interface !== undefined) checkInterface(plan.interface);
  checkPort('the hidden port', plan.port);
  checkSeconds('the time for a sequence', plan.seqTimeoutS, 2, 3600);
  checkSeconds('the time a door stays open', plan.openS, 0, 86_400);
  checkSequences(plan);
  return plan;
}

/** @throws KnockproxyError (exit status 2). knockd.c keeps 31 bytes of it; Linux allows 15. */
export function checkInterface(name: string): void {
  if (!/^[\w.@:-]{1,15}$/.test(name)) throw usageError('this is not the name of a network interface');
}

function checkSequences({ open, closeSteps, port }: CheckedPlan): void {
  if ('oneTimeFile' in open && !/^\/[\x21-\x7e]{1,1000}$/.test(open.oneTimeFile)) {
    throw usageError('the path of the one-time file must be absolute and without blanks');
  }
  if ('steps' in open) checkSteps('the sequence', open.steps, port);
  else checkSteps('the pool of the one-time sequences', open.pool, port);
  if (closeSteps === undefined) return;
  checkSteps('the close sequence', closeSteps, port);
  const first = closeSteps[0]!;
  const firstOfOpen = 'steps' in open ? open.steps.slice(0, 1) : open.pool;
  if (!firstOfOpen.some((step) => step.port === first.port && step.protocol === first.protocol)) return;
  throw usageError('the sequence and the close sequence begin alike: knockd would confuse them');
}

function checkSteps(what: string, steps: readonly Step[], hidden: number): void {
  if (steps.length < 1 || steps.length > MAX_STEPS)
    throw usageError(`${what} must have 1 to ${MAX_STEPS} steps`);
  if (steps.some(isBeyondKnockd))
    throw usageError(
      `${what} has a step that knockd does not see: ICMP or a payload`,
      'use --server nftables',
    );
  steps.forEach(({ port }, index) => {
    checkPort(`step ${index + 1} of ${what}`, port);
  });
  if (!steps.some(({ port }) => port === hidden)) return;
  throw usageError(`${what} contains the hidden port`, 'connecting to it would break or repeat a knock');
}

function checkSeconds(what: string, value: number, min: number, max: number): void {
  if (Number.isInteger(value) && value >= min && value <= max) return;
  throw usageError(`${what} must be whole seconds from ${min} to ${max}`);
}
