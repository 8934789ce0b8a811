import type { Socket } from 'node:net';
import { readTypedHost } from '../config/host-config.ts';
import { DEFAULT_LIMIT_MS, type Door, type HostSettings } from '../config/settings.ts';
import { HistoryStore } from '../coordination/history-store.ts';
import { type Connected, loginBehindDoor } from '../login/behind-door.ts';
import { type Closing, closeDoor } from '../login/close-door.ts';
import { connectPlainly } from '../login/plain-connect.ts';
import { prepareLogin } from '../login/prepare-login.ts';
import { realSystem } from '../ssh-config/system.ts';
import { withExec } from '../ssh-config/with-exec.ts';
import { nowMs } from '../util/clock.ts';
import { abortable } from './abortable.ts';
import { CallbackLog } from './callback-log.ts';
import { NoHistory } from './no-history.ts';
import type { OpenConfiguredDoorOptions, OpenDoorOptions, OpeningOptions } from './options.ts';
import { given, stepsOf, validateOptions } from './validate-options.ts';

/**
 * Knocks, connects the moment the door opens, and knocks again until it does, in turn with the other logins of this
 * user. Reads no configuration, writes nothing to the terminal and starts no program.
 *
 * @returns the connected socket, paused, of which nothing has been read: the `sock` of ssh2's `connect()`. It sends
 *   without delay (TCP_NODELAY) and keeps the connection alive.
 * @throws KnockproxyError when the door stays shut, the host has no address, this machine refuses to send, or an
 *   option is wrong; what `signal` was aborted with.
 */
export async function openDoor(options: OpenDoorOptions): Promise<Socket> {
  validateOptions({ ...options });
  const { host, port = 22, timeoutMs = DEFAULT_LIMIT_MS, family = 0 } = options;
  const { sequence, closeSequence, delayMs, sequenceTimeoutMs, bindAddress, knockHost } = options;
  const door: Door = {
    source: { kind: 'sequence', steps: stepsOf(sequence) },
    where: 'openDoor',
    ...given({
      delayMs,
      sequenceTimeoutMs,
      closeSteps: closeSequence === undefined ? undefined : stepsOf(closeSequence),
    }),
  };
  const settings = { door, limitMs: timeoutMs, family, ...given({ bindAddress, knockHost }) };
  return open(async () => ({ names: { host, alias: host, port, user: '' }, settings, hints: [] }), options);
}

/**
 * The same for a host as its user has configured it: the door of `~/.ssh/knock_config` and ssh's own files, with
 * `HostName`, `Port`, `AddressFamily`, `BindAddress` and `ConnectTimeout`. A host without a door is simply connected
 * to. What the configuration names is run, as ssh would: `Match exec` and `KnockSequenceCommand`, which may ask on the
 * terminal.
 *
 * @param host as typed to ssh.
 * @returns and throws as openDoor; a KnockproxyError with `FILE line N` for what is wrong in the configuration.
 */
export async function openConfiguredDoor(
  host: string,
  options: OpenConfiguredDoorOptions = {},
): Promise<Socket> {
  validateOptions({ ...options, host });
  const { port, configFile, knockConfig, timeoutMs: limitMs, family } = options;
  const files = given({ configFile, knockConfig });
  const find = async () => {
    const found = await withExec(
      (system) => readTypedHost(host, port, files, system),
      realSystem(),
      options.signal,
    );
    if (found.warning) options.onWarning?.(`${found.warning.text}: ${found.warning.fix}`);
    return { ...found, settings: { ...found.settings, ...given({ limitMs, family }) } };
  };
  return open(find, options);
}

type Found = Pick<ReturnType<typeof readTypedHost>, 'names' | 'hints'> & {
  readonly settings: Pick<HostSettings, 'door' | 'limitMs' | 'family' | 'bindAddress' | 'knockHost'>;
};

function open(find: () => Promise<Found>, options: OpeningOptions): Promise<Socket> {
  const { signal } = options;
  const work = async () => {
    const { socket, afterHandover: settle } = await connect(await find(), options);
    await settle();
    socket.allowHalfOpen = false;
    return socket;
  };
  return abortable(signal, work, (socket) => socket.destroy());
}

async function connect({ names, settings, hints }: Found, options: OpeningOptions): Promise<Connected> {
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
    report,
    signal,
    state,
    closeLater,
    ...behind,
  });
}

/** In this process, which goes on until it is done. */
async function closeLater(closing: Closing): Promise<void> {
  closeDoor(closing).catch(() => {});
}
