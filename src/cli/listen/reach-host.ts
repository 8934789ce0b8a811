import type { HostConfig, HostNames } from '../../config/host-config.ts';
import { closeLater } from '../../login/background-close.ts';
import { loginBehindDoor } from '../../login/behind-door.ts';
import { connectPlainly } from '../../login/plain-connect.ts';
import { prepareLogin } from '../../login/prepare-login.ts';
import { nowMs } from '../../util/clock.ts';
import type { Log } from '../../util/log.ts';
import { refuseVia } from '../../via/refuse-via.ts';
import type { Reach } from './clients.ts';
import { Turns } from './turns.ts';

type TypedHost = HostConfig & { readonly names: Required<HostNames> };

/**
 * Connects each client as a login would: by the configuration of that moment, through the door, which is closed behind it
 * if it has a close sequence, or without a knock if there is none.
 *
 * @param find reads the configuration, over which the second parameter wins.
 */
export function reachHost(
  find: (signal?: AbortSignal) => Promise<TypedHost>,
  { family, ...bound }: { readonly family: 4 | 6 | undefined; readonly bindAddress?: string },
  report: Log,
): Reach {
  const turns = new Turns();
  const warn = (text: string) => report.warning(text);
  return async ({ onread, signal, connected }) => {
    const beganMs = nowMs();
    const { names, settings: configured, hints } = await find(signal);
    const settings = { ...configured, ...bound };
    refuseVia(settings);
    const { limitMs } = settings;
    const deadlineMs = beganMs + limitMs;
    const { targets, behind } = await prepareLogin({ names, settings, family, warn, deadlineMs, signal });
    const { host } = names;
    if (behind === undefined) {
      const socket = await connectPlainly(host, targets, hints, { deadlineMs, signal, onread });
      return connected({ socket, afterHandover() {} });
    }
    const open = async () => {
      const request = { host, targets, limitMs, report, signal, onread, closeLater, beganMs, ...behind };
      await connected(await loginBehindDoor({ ...request, deadlineMs: nowMs() + limitMs }));
    };
    return turns.take(open, signal);
  };
}
