import type { Argv, CommandModule } from 'yargs';
import { NOTHING_LEARNED } from '../door/memory.ts';
import { type Knock, planTry } from '../door/schedule.ts';
import { parseSequence } from '../door/sequence.ts';
import type { Door } from '../door/settings.ts';
import { KnockproxyError, usageError } from '../errors.ts';
import { readHostConfig } from '../host-config.ts';
import { Knocker } from '../opener/knock.ts';
import { resolveTargets, type Target } from '../opener/target.ts';
import { printable, type Report } from '../report.ts';

interface KnockArgs {
  host: string;
  ports?: string[];
  delay?: string;
  udp?: boolean;
  ipv4?: boolean;
  ipv6?: boolean;
  verbose: number;
  dryRun?: boolean;
  config?: string;
  knockConfig?: string;
}

/** `knockproxy knock`: only knocks, like knock(1). */
export function knockCommand(report: Report, portsOnStdin: boolean): CommandModule<object, KnockArgs> {
  return {
    command: 'knock <host> [ports..]',
    describe: 'only knock: the ports given, those on stdin (-), or the configured door',
    builder,
    handler: async (args) => knock({ ...args, ...(portsOnStdin && { ports: [await readStdin()] }) }, report),
  };
}

function builder(yargs: Argv<object>): Argv<KnockArgs> {
  return yargs
    .usage(
      '$0 knock HOST [PORT[:tcp|:udp] ... | -]\n\n' +
        'Sends the knocks and nothing else. Ports given here stand in the argument list, which other users\n' +
        'of this machine can read: pipe them in (-) or configure them (KnockSequence) to keep them secret.',
    )
    .positional('host', { type: 'string', demandOption: true, describe: 'name or address' })
    .positional('ports', { type: 'string', array: true, describe: 'PORT[:tcp|:udp], or - for stdin' })
    .option('delay', {
      alias: 'd',
      type: 'string',
      requiresArg: true,
      describe: 'ms between two knocks, 10 by default',
    })
    .option('udp', { alias: 'u', type: 'boolean', describe: 'udp for ports that name no protocol' })
    .option('ipv4', { alias: '4', type: 'boolean', describe: 'IPv4 only', conflicts: 'ipv6' })
    .option('ipv6', { alias: '6', type: 'boolean', describe: 'IPv6 only' })
    .option('verbose', { alias: 'v', count: true, default: 0, describe: 'say what is done, never the ports' })
    .option('dry-run', { type: 'boolean', describe: 'print what would be sent and when; send nothing' })
    .option('config', {
      alias: 'F',
      type: 'string',
      requiresArg: true,
      describe: "read instead of ssh's files",
    })
    .option('knock-config', { type: 'string', requiresArg: true, describe: 'FILE|none, for knock_config' })
    .epilogue('Without ports the door configured for HOST is knocked.') as unknown as Argv<KnockArgs>;
}

async function knock(args: KnockArgs, report: Report): Promise<void> {
  const { door, family, bindAddress } = await chooseDoor(args);
  const { knocks } = planTry({
    door: withDelay(door, args.delay),
    memory: NOTHING_LEARNED,
    failed: [],
    number: 1,
    random: Math.random,
  });
  const [target] = await resolveTargets({
    host: args.host,
    port: 0,
    family: args.ipv4 ? 4 : args.ipv6 ? 6 : family,
    ...(bindAddress !== undefined && { bindAddress }),
  });
  if (args.dryRun) return print(knocks, target!);
  if (args.verbose > 0) report.level = args.verbose + 1;
  report.debug(`knocking on ${printable(args.host)} (${target!.address}): ${knocks.length} steps`);
  await send(knocks, target!);
}

async function chooseDoor({ host, ports = [], udp, config, knockConfig }: KnockArgs) {
  if (ports.length > 0) {
    const steps = parseSequence(ports.join(' '), udp ? 'udp' : 'tcp');
    const door: Door = { steps, where: 'the command line' };
    return { door, family: 0 as const, bindAddress: undefined };
  }
  const { settings, hints } = readHostConfig({
    host,
    port: 22,
    ...(config !== undefined && { configFile: config }),
    ...(knockConfig !== undefined && { knockConfig }),
  });
  if (settings.door !== undefined) return { ...settings, door: settings.door };
  throw new KnockproxyError(`no door is configured for ${printable(host)}`, {
    exitCode: 2,
    hints: [...hints, 'give the ports, or set KnockSequence for this host in ~/.ssh/knock_config'],
  });
}

/** A sequence that is sent once only keeps its order better with a pause; in milliseconds. */
const DEFAULT_DELAY_MS = 10;

function withDelay(door: Door, delay: string | undefined): Door {
  if (delay === undefined) return { delayMs: DEFAULT_DELAY_MS, ...door };
  if (!/^\d{1,5}$/.test(delay) || Number(delay) > 60_000) {
    throw usageError(`--delay wants milliseconds from 0 to 60000, not '${printable(delay)}'`);
  }
  return { ...door, delayMs: Number(delay) };
}

async function readStdin(): Promise<string> {
  let text = '';
  for await (const chunk of process.stdin.setEncoding('utf8')) {
    text += chunk;
    if (text.length > 10_000) throw usageError('stdin is too long for a knock sequence');
  }
  return text;
}

/** `--dry-run`: the one place where a sequence is printed. */
function print(knocks: readonly Knock[], { address }: Target): void {
  for (const { step, atMs } of knocks) {
    console.log(`+${atMs} ms  ${step.protocol}  ${address}  port ${step.port}`);
  }
}

/** How long the last TCP knocks may wait for an answer before the command ends, in milliseconds. */
const SETTLE_MS = 300;

async function send(knocks: readonly Knock[], target: Target): Promise<void> {
  const knocker = new Knocker(target);
  const startMs = performance.now();
  try {
    for (const knock of knocks) {
      const ms = startMs + knock.atMs - performance.now();
      if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms));
      await knocker.send(knock);
    }
    await knocker.settled(SETTLE_MS);
  } finally {
    knocker.close();
  }
}
