import type { SequenceSource } from '../config/settings.ts';
import type { Target } from '../network/resolve.ts';
import { isFirewall } from '../network/send-refusal.ts';
import { KnockproxyError } from '../util/errors.ts';
import { printable } from '../util/log.ts';
import type { StayedShut } from './open-request.ts';

/**
 * The error for a door that stayed shut, by the answers to the last connects. If the cause is certain, no other is listed.
 *
 * @param isMissing nothing on this machine's own network has the addresses.
 */
export function stayedShut(
  host: string,
  kind: SequenceSource['kind'] | undefined,
  { addresses, attempts, seconds, isLone, usedUp, isRefused, isLimited, refusal }: StayedShut,
  isMissing = false,
): KnockproxyError {
  const answered = addresses.find(({ lastAnswer }) => lastAnswer !== undefined) ?? addresses[0]!;
  const count = `${attempts} ${attempts === 1 ? 'attempt' : 'attempts'} in ${seconds.toFixed(1)} s`;
  const where = describe(host, answered.target);
  const more = kind === 'one-time' ? OUT_OF_STEP : [];
  const shut = (why: string, ...hints: readonly string[]) =>
    new KnockproxyError(`${where} stayed shut: ${count}, ${why}`, { hints });
  if (isMissing) return shut('and nothing on this network has that address (no answer to ARP)', HOST_DOWN);
  if (refusal !== undefined && isFirewall(refusal)) {
    return shut(`no answer, and ${refusal.message}`, ...refusal.hints);
  }
  const { answer, hint } = meaning(answered.lastAnswer, kind === 'spa' ? SPA : KNOCKS);
  const lone = isLone ? [LONE] : [];
  const limit = usedUp === undefined ? [] : [`a login sends at most ${usedUp}`];
  if (isLimited) {
    const isSilent = answered.lastAnswer === undefined;
    const [why, hints] = isSilent
      ? ['and it no longer answers', LIMITED]
      : [answer, [...LIMITED, NOTHING_LISTENS]];
    const text = `${where} seems to limit new connections: ${count}, ${why}`;
    return new KnockproxyError(text, { hints: [...hints, ...more] });
  }
  if (isRefused) return shut(answer, START_SSHD, REFUSED, ...more);
  return shut(answer, ...lone, ...limit, hint, ...more);
}

/** The hint for an address that no machine on the local network has. */
export const HOST_DOWN = 'the machine is off, or the address is wrong';

/** The error for a ConnectTimeout that is shorter than one sequence. */
export function timeoutTooShort(host: string, connectTimeoutMs: number, leastMs: number): KnockproxyError {
  const [has, wants] = [connectTimeoutMs, leastMs].map((ms) => (ms / 1000).toFixed(1));
  return new KnockproxyError(
    `${printable(host)}: ConnectTimeout leaves ${has} s, and the sequence takes ${wants} s: nothing was sent`,
    { hints: ['raise ConnectTimeout, or lower KnockDelay'] },
  );
}

/** The error for a door that opened to a port on which nothing listens. */
export function nothingListens(host: string, target: Target): KnockproxyError {
  const what = 'the door opens, but nothing listens on this port';
  return new KnockproxyError(`${describe(host, target)}: ${what} (silent before, refused now)`, {
    hints: [START_SSHD],
  });
}

const SS = "'ss -ltn' there shows what listens";
const START_SSHD = `start sshd on the server, or correct Port: ${SS}`;
const NOTHING_LISTENS = `or sshd is down on the server: ${SS}`;
const REFUSED =
  'earlier logins succeeded with their first sequence, so perhaps the door opens and nothing listens on the port; or the ' +
  'firewall rejects connections, and the sequence has changed; to find out which, the next login connects once before it knocks';

/** Further hints for a one-time door: the two files may be out of step. */
const OUT_OF_STEP = [
  'the server uses up a one-time sequence when its knocks arrive, even if the connection fails; ' +
    'each login tries one more line, so retry after the cause has been fixed',
  "if it stays shut, compare with the server's file: its first line without # must be among the first lines here; " +
    "to synchronize them, replace this file with a copy of the server's",
];

const LONE =
  'the last few logins failed too, so each login makes only one attempt until a login succeeds or an hour has passed, to avoid getting ' +
  'your address banned';

/** Hints for a port that limits new connections. */
export const LIMITED = [
  'the server drops new connections after a few in a minute (ufw limit, recent, hashlimit) or bans your address: wait ' +
    'a minute without connecting, or as long as a ban lasts, because each connection may renew it',
  'or the sequence is wrong, if it has been changed here or on the server since the last login',
  'each login now makes one attempt with one connection, until a login succeeds; with ControlMaster, several sessions ' +
    'share one connection',
];

/** The warning for a host that had a door, and has none configured any more. @param name safe to print. */
export function lostDoor(name: string, limitMs: number): { warning: string; hint: string } {
  const seconds = Math.ceil(limitMs / 1000);
  return {
    warning: `no door is configured for ${name}, which had one: no knocks were sent; trying to connect for at most ${seconds} s`,
    hint: `to configure its door again: knockproxy add ${name}`,
  };
}

/** The error for a failed connect without a knock. */
export function notConnected(
  host: string,
  target: Target,
  code: string,
  hints: readonly string[],
): KnockproxyError {
  const { answer } = meaning(code);
  return new KnockproxyError(`could not connect to ${describe(host, target)}: ${answer}`, { hints });
}

/** `name (address) port N` */
function describe(host: string, { address, port }: Target): string {
  const name = printable(host);
  return name === address ? `${name} port ${port}` : `${name} (${address}) port ${port}`;
}

/** Likely causes if nothing answers, and if a firewall does. */
const KNOCKS = {
  silence:
    'the sequence or its order may be wrong, the knock daemon may be down, or the knocks may be filtered; ' +
    "the server's knockd log shows which knocks arrive",
  wrong: 'wrong sequence or order',
};
/** fwknopd never answers; only its log shows the cause. */
const SPA = {
  silence:
    'the clocks may differ by more than 120 s, the key may be wrong, or NAT may change the allowed address; ' +
    "fwknopd's log shows the cause",
  wrong: 'a packet that fwknopd does not accept',
};

/** Describes an answer, and its likeliest cause. */
function meaning(code: string | undefined, { silence, wrong } = KNOCKS): { answer: string; hint: string } {
  switch (code) {
    case undefined:
      return {
        answer: 'no answer',
        hint: silence,
      };
    case 'ECONNREFUSED':
      return {
        answer: 'refused (RST, or ICMP port unreachable) (ECONNREFUSED)',
        hint: `${wrong}, with a firewall that rejects connections; or nothing listens on this port`,
      };
    case 'EHOSTUNREACH':
    case 'EACCES':
      return {
        answer: `unreachable or prohibited (ICMP) (${code})`,
        hint: `${wrong}, with a firewall that answers "prohibited"; or the host is down`,
      };
    case 'ENETUNREACH':
      return { answer: `no route (${code})`, hint: 'check the network connection' };
    case 'ETIMEDOUT':
      return { answer: `no answer (${code})`, hint: 'the host is down or drops the packets' };
    default:
      return { answer: code, hint: 'see errno(3) for the meaning of the code' };
  }
}
