import type { Socket } from 'node:net';
import { readTypedHost } from '../config/host-config.ts';
import { DEFAULT_LIMIT_MS, type Door, type HostSettings } from '../config/settings.ts';
import { HistoryStore } from '../coordination/history-store.ts';
import { loginBehindDoor } from '../login/behind-door.ts';
import { type Closing, closeDoor } from '../login/close-door.ts';
import type { Connected } from '../login/login-request.ts';
import { connectPlainly } from '../login/plain-connect.ts';
import { prepareLogin } from '../login/prepare-login.ts';
import { realSystem } from '../ssh-config/system.ts';
import { withExec } from '../ssh-config/with-exec.ts';
import { nowMs } from '../util/clock.ts';
import { abortable } from './abortable.ts';
import { CallbackLog } from './callback-log.ts';
import { NoHistory } from './no-history.ts';
import type { OpenConfiguredDoorOptions, OpenDoorOptions, OpeningOptions } from './options.ts';
import { stepsOf, validateOptions, withoutUndefined } from './validate-options.ts';

/**
 * Knocks, retries until the door opens, and connects. Takes turns with the other logins of this user. Reads no
 * configuration, writes nothing to the terminal and starts no program.
 *
 * @returns the connected socket, paused and unread: the `sock` of ssh2's `connect()`. TCP_NODELAY and keep-alive are set.
 * @throws KnockproxyError if the door stays shut, the host has no address, this machine refuses to send, or an option is
 *   invalid; the reason of `signal`.
 */
export async function openDoor(options: OpenDoorOptions): Promise<Socket> {
  validateOptions({ ...options });
  const { host, port = 22, timeoutMs = DEFAULT_LIMIT_MS, family = 0 } = options;
  const { sequence, closeSequence, delayMs, sequenceTimeoutMs, bindAddress, knockHost } = options;
  const door: Door = {
    source: { kind: 'sequence', steps: stepsOf(sequence) },
    where: 'openDoor',
    ...withoutUndefined({
      delayMs,
      sequenceTimeoutMs,
      closeSteps: closeSequence === undefined ? undefined : stepsOf(closeSequence),
    }),
  };
  const settings = { door, limitMs: timeoutMs, family, ...withoutUndefined({ bindAddress, knockHost }) };
  return open(async () => ({ names: { host, alias: host, port, user: '' }, settings, hints: [] }), options);
}

/**
 * Like openDoor(), for a host as configured in `~/.ssh/knock_config` and ssh's own files, with `HostName`, `Port`,
 * `AddressFamily`, `BindAddress` and `ConnectTimeout`. Connects without a knock if the host has no door. Runs the programs
 * of `Match exec` and `KnockSequenceCommand`, which may use the terminal.
 *
 * @param host as typed to ssh.
 * @throws as openDoor(); KnockproxyError `FILE line N: ...` for an invalid configuration.
 */
export async function openConfiguredDoor(
  host: string,
  options: OpenConfiguredDoorOptions = {},
): Promise<Socket> {
  validateOptions({ ...options, host });
  const { port, configFile, knockConfig, timeoutMs: limitMs, family } = options;
  const files = withoutUndefined({ configFile, knockConfig });
  const find = async () => {
    const config = await withExec(
      (system) => readTypedHost(host, port, files, system),
      realSystem(),
      options.signal,
    );
    if (config.warning) options.onWarning?.(`${config.warning.text}: ${config.warning.fix}`);
    return { ...config, settings: { ...config.settings, ...withoutUndefined({ limitMs, family }) } };
  };
  return open(find, options);
}

type FoundHost = Pick<ReturnType<typeof readTypedHost>, 'names' | 'hints'> & {
  readonly settings: Pick<
    HostSettings,
    'door' | 'limitMs' | 'family' | 'bindAddress' | 'bindInterface' | 'knockHost'
  >;
};

function open(find: () => Promise<FoundHost>, options: OpeningOptions): Promise<Socket> {
  const { signal } = options;
  const work = async () => {
    const { socket, afterHandover } = await connect(await find(), options);
    await afterHandover();
    socket.allowHalfOpen = false;
    return socket;
  };
  return abortable(signal, work, (socket) => socket.destroy());
}

async function connect({ names, settings, hints }: FoundHost, options: OpeningOptions): Promise<Connected> {
  const { signal, learn = true } = options;
  const beganMs = nowMs();
  const deadlineMs = beganMs + settings.limitMs;
  const { host } = names;
  const report = new CallbackLog(options);
  const warn = (text: string) => report.warning(text);
  const { targets, behind } = await prepareLogin({ names, settings, warn, deadlineMs, signal });
  if (behind === undefined) {
    return { socket: await connectPlainly(host, targets, hints, { deadlineMs, signal }), afterHandover() {} };
  }
  const state = learn ? new HistoryStore() : new NoHistory();
  return loginBehindDoor({
    host,
    targets,
    beganMs,
    deadlineMs,
    limitMs: settings.limitMs,
    report,
    signal,
    state,
    closeLater,
    ...behind,
  });
}

/** Closes in this process, which keeps running until it is done. */
async function closeLater(closing: Closing): Promise<void> {
  closeDoor(closing).catch(() => {});
}
