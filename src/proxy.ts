import type { ProxyArgs } from './argv.ts';
import type { HostSettings } from './door/settings.ts';
import { canPassDescriptor, passDescriptor } from './handover/fdpass.ts';
import { relay } from './handover/relay.ts';
import { type HostConfig, readHostConfig } from './host-config.ts';
import { Lifeline } from './lifeline.ts';
import { connectPlainly } from './opener/connect.ts';
import { type Reached, reach } from './opener/reach.ts';
import { resolveTargets } from './opener/target.ts';
import { printable, type Report } from './report.ts';

/**
 * What ssh starts us for: find the host's door, open it, hand the connection over.
 *
 * @throws KnockproxyError, before anything was written to stdout.
 */
export async function proxy(args: ProxyArgs, report: Report): Promise<void> {
  const lifeline = new Lifeline((status) => {
    report.clearStatus();
    process.exit(status);
  });
  report.level = levelOf(args, 0);
  const config = readHostConfig(args);
  report.level = levelOf(args, config.settings.logLevel);
  const reached = await connect(args, config, report);
  lifeline.cut();
  await handOver(reached, args.fdpass || config.settings.fdpass, report);
}

/** -v is LogLevel DEBUG1, as in ssh. */
function levelOf(args: ProxyArgs, logLevel: number): number {
  return args.verbose > 0 ? Math.max(args.verbose + 1, logLevel) : logLevel;
}

async function connect(args: ProxyArgs, config: HostConfig, report: Report): Promise<Reached> {
  const { door, limitMs } = config.settings;
  const { host, port } = args;
  const targets = await resolveTargets({ host, port, ...ends(args, config.settings) });
  report.debug(`${printable(host)} is ${targets.map(({ address }) => address).join(', ')}`);
  if (door === undefined) {
    report.debug(`no door for ${printable(args.alias ?? host)}: nothing to knock`);
    return { socket: await connectPlainly(host, targets, config.hints), settle() {} };
  }
  report.debug(`${door.where}: a door of ${door.steps.length} steps; giving up after ${limitMs / 1000} s`);
  return reach({ host, door, targets, deadlineMs: limitMs, report });
}

/** The command line's family wins over the configuration's. */
function ends(args: ProxyArgs, { family, bindAddress, knockHost }: HostSettings) {
  return {
    family: args.family ?? family,
    ...(bindAddress !== undefined && { bindAddress }),
    ...(knockHost !== undefined && { knockHost }),
  };
}

/** Only a relay can see it; ssh says no more than "Connection closed by remote host". */
const CLOSED_AT_ONCE =
  'the server closed the connection before its banner: ' +
  'sshd does so beyond its MaxStartups, and to addresses it penalises (PerSourcePenalties)';

async function handOver({ socket, settle }: Reached, fdpassAsked: boolean, report: Report): Promise<void> {
  if (fdpassAsked && canPassDescriptor()) {
    report.debug('connected: passing the socket on');
    await passDescriptor(socket);
    settle();
  } else {
    report.debug('connected: relaying');
    setImmediate(settle);
    if (!(await relay(socket))) report.warning(CLOSED_AT_ONCE);
  }
}
