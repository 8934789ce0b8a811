import { DEFAULT_LIMIT_MS } from '../../config/settings.ts';
import { sequenceOf } from '../../login/door-sequence.ts';
import { knockPlainly, planPlainly } from '../../login/knock-only.ts';
import { resolveTargets, type Target } from '../../network/resolve.ts';
import type { Knock } from '../../plan/attempt.ts';
import { parseSequence, type Sequence } from '../../plan/sequence.ts';
import { nowMs } from '../../util/clock.ts';
import { usageError } from '../../util/errors.ts';
import { type Log, printable } from '../../util/log.ts';
import { readStdin } from '../config/prompt.ts';
import { defineCommand, type OptionTable, type OptionValues } from '../shared/command.ts';
import { findDoor } from '../shared/find-door.ts';
import { familyOf, HOST, HOST_OPTIONS, VERBOSE } from '../shared/option-tables.ts';

const OPTIONS = {
  ...HOST_OPTIONS,
  delay: {
    type: 'text',
    alias: 'd',
    value: 'MS',
    help: 'wait MS milliseconds between two knocks; default 10',
  },
  udp: { type: 'flag', alias: 'u', help: 'send to ports without a protocol over UDP, not TCP' },
  verbose: VERBOSE,
  'dry-run': { type: 'flag', help: 'print the knocks and their times, and send nothing' },
} as const satisfies OptionTable;

type KnockArgs = OptionValues<typeof OPTIONS> & { readonly host: string; readonly ports?: readonly string[] };

/** Sends knocks only, like knock(1). */
export const knockCommand = defineCommand({
  name: 'knock',
  help: 'send knocks only: to the ports given, to those on stdin (-), or to the door of the host',
  usage:
    'knock HOST [PORT[:tcp|:udp] ... | -]\n\n' +
    'Sends the knocks and nothing else. Ports given here are visible to other users of this machine in the\n' +
    'argument list: to keep them secret, pass them on stdin (-) or configure them (KnockSequence).\n' +
    'Steps with a payload, PORT:udp:DATA, and ICMP echo requests, icmp[:BYTES], are those of knock_config(5).',
  epilogue: 'Without ports, it knocks on the door configured for HOST.',
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
  const { sequence, target } = await choose(args);
  const knocks = planPlainly({ ...sequence, ...(delayMs !== undefined && { delayMs }) });
  if (args.dryRun) return print(knocks, target);
  if (args.verbose > 0) report.level = args.verbose + 1;
  report.debug(`knocking on ${printable(args.host)} (${target.address}): ${knocks.length} steps`);
  await knockPlainly(knocks, target);
}

/** The ports given, to HOST itself; without ports, the door that is configured for it. */
async function choose(args: KnockArgs): Promise<{ sequence: Sequence; target: Target }> {
  const { ports = [], udp, host } = args;
  if (ports.length > 0) {
    const steps = parseSequence(ports.join(' '), udp ? 'udp' : 'tcp');
    const deadlineMs = nowMs() + DEFAULT_LIMIT_MS;
    const [target] = await resolveTargets({ host, port: 0, family: familyOf(args) ?? 0, deadlineMs });
    return { sequence: { steps }, target: target! };
  }
  const { door, targets, obtain, deadlineMs } = await findDoor(args);
  const { candidates, sending, release } = await obtain({ deadlineMs });
  if (!args.dryRun) sending?.(0);
  release?.();
  return { sequence: sequenceOf(door, candidates[0]!), target: targets[0]! };
}

function readDelay(delay: string | undefined): number | undefined {
  if (delay === undefined) return undefined;
  if (/^\d{1,5}$/.test(delay) && Number(delay) <= 60_000) return Number(delay);
  throw usageError('--delay must be between 0 and 60000 milliseconds');
}

/** `--dry-run`: the only place where a sequence is printed. */
function print(knocks: readonly Knock[], { address, knockAddress = address }: Target): void {
  for (const { step, atMs } of knocks) {
    const { protocol, port, data } = step;
    const rest = [...(protocol === 'icmp' ? [] : [`port ${port}`]), ...(data === undefined ? [] : [data])];
    console.log([`+${atMs} ms`, protocol, knockAddress, ...rest].join('  '));
  }
}
