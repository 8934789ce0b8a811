import { DEFAULT_LIMIT_MS } from '../../config/settings.ts';
import { sequenceOf } from '../../login/door-sequence.ts';
import { eachAddress } from '../../login/each-address.ts';
import { DEFAULT_DELAY_MS, knockPlainly, planPlainly } from '../../login/knock-only.ts';
import { resolveTargets, type Target } from '../../network/resolve.ts';
import type { Knock } from '../../plan/attempt.ts';
import { parseSequence, type Sequence } from '../../plan/sequence.ts';
import { prepare } from '../../secrets/sequence-source.ts';
import { nowMs } from '../../util/clock.ts';
import { usageError } from '../../util/errors.ts';
import { type Log, printable } from '../../util/log.ts';
import { knockVia } from '../../via/login-via.ts';
import { readStdin } from '../config/prompt.ts';
import { defineCommand, type OptionTable, type OptionValues } from '../shared/command.ts';
import { readDoor, resolveDoor } from '../shared/find-door.ts';
import { boundTo, familyOf, HOST, HOST_OPTIONS, VERBOSE } from '../shared/option-tables.ts';

const OPTIONS = {
  ...HOST_OPTIONS,
  delay: {
    type: 'text',
    alias: 'd',
    value: 'MS',
    help: 'wait MS milliseconds between two knocks; default 10',
  },
  udp: { type: 'flag', alias: 'u', help: 'use UDP instead of TCP for ports without a protocol' },
  verbose: VERBOSE,
  'dry-run': { type: 'flag', help: 'print the knocks and their times, and send nothing' },
} as const satisfies OptionTable;

type KnockArgs = OptionValues<typeof OPTIONS> & { readonly host: string; readonly ports?: readonly string[] };

/** Sends knocks only, like knock(1). */
export const knockCommand = defineCommand({
  name: 'knock',
  help: 'only knock: on the given ports, on those read from stdin (-), or on the door of the host',
  usage:
    'knock HOST [PORT[:tcp|:udp] ... | -]\n\n' +
    'Sends the knocks and nothing else. Ports given here are visible to other users of this machine in the\n' +
    'argument list: to keep them secret, pass them on stdin (-) or configure them (KnockSequence).\n' +
    'Steps with a payload, PORT:udp:DATA, and ICMP echo requests, icmp[:BYTES], are those of knock_config(5).',
  epilogue:
    'With ports, it knocks on the preferred address of HOST, like knock(1). Without ports, it knocks on the door configured\n' +
    'for HOST, at each of its addresses that this machine has a route to (a one-time sequence is sent to one\naddress only).',
  operands: {
    ...HOST,
    ports: {
      shown: '[PORT...]',
      help: 'PORT[:tcp|:udp] or another step to send; - reads them from standard input',
    },
  },
  options: OPTIONS,
  run: async (args, { log, readsStdin }) =>
    knock({ ...args, ...(readsStdin && { ports: [await readStdin()] }) }, log),
});

async function knock(args: KnockArgs, report: Log): Promise<void> {
  const delayMs = readDelay(args.delay);
  const plan = (sequence: Sequence) =>
    planPlainly({ ...sequence, ...(delayMs !== undefined && { delayMs }) });
  if (args.dryRun) {
    const { sequence, knockHost } = await preview(args);
    return print(plan(sequence), knockHost);
  }
  if (args.verbose > 0) report.level = args.verbose + 1;
  const configured = args.ports?.length ? undefined : await readDoor(args);
  if (configured?.settings.knockVia !== undefined) {
    const { settings, names } = configured;
    const request = { place: configured.settings.knockVia, settings, names, configFile: args.config };
    const delay = delayMs ?? settings.door.delayMs ?? DEFAULT_DELAY_MS;
    return knockVia({ ...request, warn: (text) => report.warning(text), report }, delay);
  }
  const { sequence, targets } = await choose(args, configured, report);
  const name = printable(args.host);
  for (const target of targets) {
    const knocks = plan(sequence);
    report.debug(`knocking on ${name} (${target.address}): ${knocks.length} steps`);
    await knockPlainly(knocks, target);
  }
}

interface Chosen {
  readonly sequence: Sequence;
  readonly targets: readonly Target[];
}

/**
 * The ports given, to the preferred address of HOST as knock(1); without ports, the door that is configured for it, to each
 * address that has a route.
 */
async function choose(
  args: KnockArgs,
  configured: Awaited<ReturnType<typeof readDoor>> | undefined,
  report: Log,
): Promise<Chosen> {
  if (configured === undefined) {
    const deadlineMs = nowMs() + DEFAULT_LIMIT_MS;
    const family = familyOf(args) ?? 0;
    const bound = boundTo(args);
    const targets = await resolveTargets({ host: args.host, port: 0, family, deadlineMs, ...bound });
    tellOne(targets, args, report);
    return { sequence: typedSequence(args), targets: targets.slice(0, 1) };
  }
  const { door, obtain, deadlineMs, ...found } = await resolveDoor(configured, args);
  const isOneTime = door.source.kind === 'one-time';
  const each = await eachAddress(found.targets);
  if (isOneTime) tellOne(each, args, report);
  const { candidates, sending, release } = await obtain({ deadlineMs });
  sending?.(0);
  release?.();
  return { sequence: sequenceOf(door, candidates[0]!), targets: isOneTime ? each.slice(0, 1) : each };
}

/** On a terminal only: knock(1) says nothing. */
function tellOne([first, other]: readonly Target[], { host }: KnockArgs, report: Log): void {
  if (other === undefined) return;
  report.advice(`${printable(host)} has other addresses too: knocking on ${first!.address} only`);
}

function typedSequence({ ports = [], udp }: KnockArgs): Sequence {
  return { steps: parseSequence(ports.join(' '), udp ? 'udp' : 'tcp') };
}

/** What would be sent, and where, without asking a name server. */
async function preview(args: KnockArgs): Promise<{ sequence: Sequence; knockHost: string }> {
  if (args.ports?.length) return { sequence: typedSequence(args), knockHost: args.host };
  const { settings, names } = await readDoor(args);
  const { door } = settings;
  const secret = await prepare(door.source, { ...names, where: door.where }, () => {});
  const obtained = secret.steps === undefined ? await secret.obtain() : undefined;
  obtained?.release?.();
  const steps = secret.steps ?? obtained!.candidates[0]!;
  return {
    sequence: sequenceOf(door, steps),
    knockHost: settings.knockHost ?? secret.knockHost ?? names.host,
  };
}

function readDelay(delay: string | undefined): number | undefined {
  if (delay === undefined) return undefined;
  if (/^\d{1,5}$/.test(delay) && Number(delay) <= 60_000) return Number(delay);
  throw usageError('--delay must be between 0 and 60000 milliseconds');
}

/** `--dry-run`: the only place where a sequence is printed. */
function print(knocks: readonly Knock[], knockHost: string): void {
  for (const { step, atMs } of knocks) {
    const { protocol, port, data } = step;
    const rest = [...(protocol === 'icmp' ? [] : [`port ${port}`]), ...(data === undefined ? [] : [data])];
    console.log([`+${atMs} ms`, protocol, printable(knockHost), ...rest].join('  '));
  }
}
