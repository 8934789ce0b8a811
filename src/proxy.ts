import type { ProxyArgs } from './argv.ts';
import { type HostConfig, readHostConfig } from './config/host-config.ts';
import type { Door, HostSettings } from './config/settings.ts';
import { canPassDescriptor, passDescriptor } from './handover/fdpass.ts';
import { relay } from './handover/relay.ts';
import { RelayBuffer } from './handover/relay-buffer.ts';
import { type Connected, loginBehindDoor } from './login/behind-door.ts';
import type { Closing } from './login/close-door.ts';
import { connectPlainly } from './login/plain-connect.ts';
import { resolveTargets } from './network/resolve.ts';
import { ParentWatch } from './parent-watch.ts';
import { prepare } from './secrets/sequence-source.ts';
import { realSystem } from './ssh-config/system.ts';
import { withExec } from './ssh-config/with-exec.ts';
import { sleep } from './util/clock.ts';
import { type Log, printable } from './util/log.ts';

/**
 * What ssh starts us for: find the host's door, open it, hand the connection over.
 *
 * @throws KnockproxyError, before anything was written to stdout.
 */
export async function proxy(args: ProxyArgs, report: Log): Promise<void> {
  const lifeline = new ParentWatch(() => report.clearStatus());
  report.level = levelOf(args, 0);
  const config = await withExec((system) => readHostConfig(args, system), realSystem());
  lifeline.listen();
  lifeline.mustFinish = config.settings.door?.closeSteps !== undefined;
  report.level = levelOf(args, config.settings.logLevel);
  if (config.warning !== undefined) report.advice(`${config.warning.text}: ${config.warning.fix}`);
  const buffer = new RelayBuffer();
  const means = { onread: buffer, signal: lifeline.signal };
  const reached = await connect(args, config, means, report).catch((error) => lifeline.rethrowOrExit(error));
  lifeline.stop();
  const fdpass = args.fdpass || config.settings.fdpass;
  await handOver({ ...reached, buffer, fdpass }, report);
}

/** -v is LogLevel DEBUG1, as in ssh. */
function levelOf(args: ProxyArgs, logLevel: number): number {
  return args.verbose > 0 ? Math.max(args.verbose + 1, logLevel) : logLevel;
}

async function connect(
  args: ProxyArgs,
  config: HostConfig,
  means: { readonly onread: RelayBuffer; readonly signal: AbortSignal },
  report: Log,
): Promise<Connected> {
  const { door, limitMs, isLimitSet } = config.settings;
  const { host, port } = args;
  const names = { host, port, alias: config.alias, user: args.user ?? '' };
  const warn = (text: string) => report.warning(text);
  const secret = door && (await prepare(door.source, { ...names, where: door.where }, warn));
  // ssh waits for a name server as long as it takes; a door is to be open within the limit.
  const patience = { signal: means.signal, ...((door || isLimitSet) && { deadlineMs: limitMs }) };
  const ends = endsOf(args, { ...secret, ...config.settings });
  const found = await resolveTargets({ host, port, ...ends, ...patience });
  const targets = secret?.choose?.(found) ?? found;
  report.debug(`${printable(host)} is ${targets.map(({ address }) => address).join(', ')}`);
  if (door === undefined || secret === undefined) {
    report.debug(`no door for ${printable(args.alias ?? host)}: nothing to knock`);
    return { socket: await connectPlainly(host, targets, config.hints, means), afterHandover() {} };
  }
  warnOfWindow(door, report);
  report.debug(`${door.where}: a door; giving up after ${limitMs / 1000} s`);
  const closeLater = async (closing: Closing) =>
    (await import('./login/background-close.ts')).closeLater(closing);
  return loginBehindDoor({
    host,
    door,
    obtain: secret.obtain,
    targets,
    deadlineMs: limitMs,
    report,
    closeLater,
    ...means,
  });
}

/** The command line's family wins over the configuration's. */
function endsOf(args: ProxyArgs, { family, bindAddress, knockHost }: HostSettings) {
  return {
    family: args.family ?? family,
    ...(bindAddress !== undefined && { bindAddress }),
    ...(knockHost !== undefined && { knockHost }),
  };
}

function warnOfWindow({ source, delayMs = 0, sequenceTimeoutMs, where }: Door, report: Log): void {
  if (source.kind !== 'sequence' || sequenceTimeoutMs === undefined) return;
  const { steps } = source;
  if ((steps.length - 1) * delayMs < sequenceTimeoutMs) return;
  report.warning(`${where}: with this KnockDelay the sequence does not fit into KnockSequenceTimeout`);
}

/** Only a relay can see it; ssh says no more than "Connection closed by remote host". */
const CLOSED_AT_ONCE =
  'the server closed the connection before its banner: ' +
  'sshd does so beyond its MaxStartups, and to addresses it penalises (PerSourcePenalties)';

interface Handover extends Connected {
  /** What the socket reads into. */
  readonly buffer: RelayBuffer;
  /** Whether the user asked for the descriptor to be passed. */
  readonly fdpass: boolean;
}

async function handOver(
  { socket, afterHandover: settle, buffer, fdpass }: Handover,
  report: Log,
): Promise<void> {
  if (fdpass && canPassDescriptor()) {
    report.debug('connected: passing the socket on');
    await passDescriptor(socket);
    await settle();
  } else {
    report.debug('connected: relaying');
    const ended = relay(socket, { buffer, closedAtOnce: () => report.warning(CLOSED_AT_ONCE) });
    const hungUp = new Promise<void>((resolve) => {
      process.once('SIGHUP', resolve).once('SIGTERM', resolve);
    });
    await Promise.race([ended, hungUp, sleep(SETTLE_AFTER_MS)]);
    await settle();
    await Promise.race([ended, hungUp]);
  }
}

/** What a login learned is kept, and its turn ended, once the server's banner has had time to go by, in milliseconds. */
const SETTLE_AFTER_MS = 40;
