import type { ViaPlace } from '../config/settings.ts';
import { configError, KnockproxyError } from '../util/errors.ts';
import { printable } from '../util/log.ts';

/** @param status of ssh; -1: a signal ended it, or it could not be started. */
export function noShell({ via, where }: ViaPlace, status: number | undefined): KnockproxyError {
  const name = printable(via);
  const how =
    status === undefined
      ? 'ssh did not start sh in time'
      : status < 0
        ? 'ssh could not be started, or was ended by a signal'
        : `ssh ended with status ${status} before sh had started`;
  return configAtRun(where, `KnockVia ${name}: ${how}: nothing was sent`, [
    `the command 'ssh ${name} sh' must start a shell there, without ForceCommand or a menu`,
  ]);
}

export function noTool({ via, where }: ViaPlace): KnockproxyError {
  return configAtRun(
    where,
    `KnockVia ${printable(via)}: it has no perl, python3, bash or nc to send knocks with`,
    ['install one of them there'],
  );
}

/** What knock.sh's status means, 1 and more. undefined: the shell is gone. */
export function notSent({ via, where }: ViaPlace, host: string, status: number | undefined): KnockproxyError {
  const name = printable(via);
  const what = FAULTS.get(status) ?? 'could not send the knocks';
  return configAtRun(where, `KnockVia ${name}: ${name} ${what.replace('HOST', printable(host))}`, []);
}

const FAULTS = new Map<number | undefined, string>([
  [undefined, 'did not send the knocks: its session ended, or it does not answer'],
  [3, 'does not resolve the name HOST'],
  [4, 'has no ping, and the sequence has an icmp step'],
  [7, 'has an nc without UDP and none of perl, python3 and bash, and the sequence has a UDP step'],
  [8, 'has no perl or python3, which an empty UDP payload needs'],
]);

/** How ssh says that sshd there forwards no connection (RFC 4254, SSH_OPEN_ADMINISTRATIVELY_PROHIBITED). */
export const PROHIBITED = 'administratively prohibited';

/** The door stayed shut. @param fault what ssh said of the last connect. */
export function shutBehind(
  { via }: ViaPlace,
  { host, port }: { readonly host: string; readonly port: number },
  {
    attempts,
    seconds,
    fault,
  }: { readonly attempts: number; readonly seconds: number; readonly fault: string | undefined },
): KnockproxyError {
  const [name, from] = [printable(host), printable(via)];
  const count = `${attempts} ${attempts === 1 ? 'attempt' : 'attempts'} in ${seconds.toFixed(1)} s`;
  const answer = fault === undefined ? 'no answer' : printable(fault);
  return new KnockproxyError(`${name} port ${port} stayed shut for ${from}: ${count}, ${answer}`, {
    hints: [
      fault?.startsWith(PROHIBITED)
        ? `${from} does not allow forwarding: see AllowTcpForwarding and PermitOpen in its sshd_config`
        : `the sequence or its order may be wrong, or the knocks may be filtered between ${from} and ${name}; ` +
          "the server's knockd log shows which knocks arrive",
    ],
  });
}

/** @param family 4 or 6. */
export function noFamily({ via, where }: ViaPlace, host: string, family: number): KnockproxyError {
  return configAtRun(
    where,
    `KnockVia ${printable(via)}: ${printable(host)} has no IPv${family} address there`,
    [],
  );
}

export function leadsBack({ via, where }: ViaPlace): KnockproxyError {
  return configError(
    where,
    `KnockVia ${printable(via)} leads back to this host`,
    'set KnockVia none for one of them',
  );
}

export function cannotPass({ where }: ViaPlace): KnockproxyError {
  return configError(where, 'KnockVia cannot pass a socket to ssh', 'set ProxyUseFdpass no for this host');
}

export function notOnWindows({ where }: ViaPlace): KnockproxyError {
  return configError(
    where,
    'KnockVia is not available on Windows',
    'use ProxyJump, and knock from the jump host',
  );
}

/** Worded as an error of the configuration, which it may be, with the exit status of a login that failed. */
function configAtRun(where: string, message: string, hints: readonly string[]): KnockproxyError {
  return new KnockproxyError(`${where}: ${message}`, { hints });
}
