import type { ProxyArgs } from './argv.ts';
import { type HostConfig, readHostConfig } from './config/host-config.ts';
import type { Door } from './config/settings.ts';
import { HistoryStore } from './coordination/history-store.ts';
import { canPassDescriptor, passDescriptor } from './handover/fdpass.ts';
import { relay } from './handover/relay.ts';
import { RelayBuffer } from './handover/relay-buffer.ts';
import { loginBehindDoor } from './login/behind-door.ts';
import type { Closing } from './login/close-door.ts';
import type { Connected } from './login/login-request.ts';
import { prepareLogin } from './login/prepare-login.ts';
import { connectWithoutDoor } from './login/without-door.ts';
import { ParentWatch } from './parent-watch.ts';
import { realSystem } from './ssh-config/system.ts';
import { withExec } from './ssh-config/with-exec.ts';
import { sleep } from './util/clock.ts';
import { type Log, printable } from './util/log.ts';

/**
 * Runs as ssh's ProxyCommand: finds the host's door, opens it and hands the connection over.
 *
 * @throws KnockproxyError before anything is written to stdout.
 */
export async function proxy(args: ProxyArgs, log: Log): Promise<void> {
  const parentWatch = new ParentWatch(() => log.clearStatus());
  log.level = levelOf(args, 0);
  const config = await withExec((system) => readHostConfig(args, system), realSystem());
  parentWatch.listen();
  parentWatch.mustFinish = config.settings.door?.closeSteps !== undefined;
  log.level = levelOf(args, config.settings.logLevel);
  if (config.warning !== undefined) log.advice(`${config.warning.text}: ${config.warning.fix}`);
  const buffer = new RelayBuffer();
  const connectOptions = { onread: buffer, signal: parentWatch.signal };
  const connected = await connect(args, config, connectOptions, log).catch(async (error) => {
    const { withNextStep } = await import('./config/next-step.ts');
    return parentWatch.rethrowOrExit(withNextStep(error, { ...args, alias: config.alias }));
  });
  parentWatch.stop();
  const fdpass = args.fdpass || config.settings.fdpass;
  await handOver({ ...connected, fdpass, ...(!connected.isStream && { buffer }) }, log);
}

/** -v is LogLevel DEBUG1, as in ssh. */
function levelOf(args: ProxyArgs, logLevel: number): number {
  return args.verbose > 0 ? Math.max(args.verbose + 1, logLevel) : logLevel;
}

async function connect(
  args: ProxyArgs,
  config: HostConfig,
  connectOptions: { readonly onread: RelayBuffer; readonly signal: AbortSignal },
  log: Log,
): Promise<Connected> {
  const { settings, alias, hints } = config;
  const { door, limitMs, connectTimeoutMs, isLimitSet } = settings;
  const { host, port, family, user = '' } = args;
  // Without a door or a limit, wait for the name server indefinitely, as ssh does.
  const wait = { signal: connectOptions.signal, ...((door || isLimitSet) && { deadlineMs: limitMs }) };
  const names = { host, port, alias, user };
  const warn = (text: string) => log.warning(text);
  const { knockVia: place, fdpass } = settings;
  if (place !== undefined && door !== undefined) {
    const { loginVia } = await import('./via/login-via.ts');
    const { signal } = connectOptions;
    const { configFile } = args;
    const login = { place, names, settings: { ...settings, door }, configFile, family, warn, signal };
    return loginVia({ ...login, report: log, fdpass: args.fdpass || fdpass });
  }
  const { targets, behind } = await prepareLogin({ names, settings, family, warn, ...wait });
  log.debug(`${printable(host)} is ${targets.map(({ address }) => address).join(', ')}`);
  if (behind === undefined) {
    const { undecided } = config;
    const state = new HistoryStore();
    const login = { host, alias, undecided, targets, hints, connectTimeoutMs, state, report: log };
    return { socket: await connectWithoutDoor(login, connectOptions), afterHandover() {} };
  }
  warnOfWindow(behind.door, log);
  log.debug(`${behind.door.where}: a door; giving up after ${limitMs / 1000} s`);
  const closeLater = async (closing: Closing) =>
    (await import('./login/background-close.ts')).closeLater(closing);
  return loginBehindDoor({
    host,
    targets,
    deadlineMs: limitMs,
    limitMs,
    ...(connectTimeoutMs && { connectTimeout: { ms: connectTimeoutMs, endsMs: connectTimeoutMs } }),
    report: log,
    closeLater,
    ...behind,
    ...connectOptions,
  });
}

function warnOfWindow({ source, delayMs = 0, sequenceTimeoutMs, where }: Door, log: Log): void {
  if (source.kind !== 'sequence' || sequenceTimeoutMs === undefined) return;
  const { steps } = source;
  if ((steps.length - 1) * delayMs < sequenceTimeoutMs) return;
  log.warning(`${where}: with this KnockDelay the sequence takes longer than KnockSequenceTimeout`);
}

/** Printed by the relay; ssh itself prints only "Connection closed by remote host". */
const CLOSED_AT_ONCE =
  'the server closed the connection before its banner: ' +
  'too many connections (MaxStartups), or sshd penalises your address (PerSourcePenalties)';

interface Handover extends Connected {
  readonly buffer?: RelayBuffer;
  /** Pass the descriptor to ssh if it can receive one. */
  readonly fdpass: boolean;
}

async function handOver({ socket, afterHandover, buffer, fdpass }: Handover, log: Log): Promise<void> {
  if (fdpass && canPassDescriptor()) {
    log.debug('connected: passing the socket to ssh');
    await passDescriptor(socket);
    await afterHandover();
  } else {
    log.debug('connected: relaying');
    const ended = relay(socket, { buffer, closedAtOnce: () => log.warning(CLOSED_AT_ONCE) });
    const hungUp = new Promise<void>((resolve) => {
      process.once('SIGHUP', resolve).once('SIGTERM', resolve);
    });
    await Promise.race([ended, hungUp, sleep(AFTER_HANDOVER_MS)]);
    await afterHandover();
    await Promise.race([ended, hungUp]);
  }
}

/** Delay before the history is saved and the lock released, so that the server's banner is relayed first. */
const AFTER_HANDOVER_MS = 40;
