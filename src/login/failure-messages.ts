import type { Source } from '../config/settings.ts';
import type { Target } from '../network/resolve.ts';
import { KnockproxyError } from '../util/errors.ts';
import { printable } from '../util/log.ts';
import { ONE_TRY } from './attempt-limits.ts';

export interface Failure {
  readonly host: string;
  readonly lanes: readonly {
    readonly target: Target;
    readonly connector: { readonly lastAnswer: string | undefined };
  }[];
  readonly tries: number;
  readonly seconds: number;
  /** The limit that ended the login; undefined: the deadline. */
  readonly spent: string | undefined;
  readonly kind?: Source['kind'] | undefined;
}

/** The error for a door that stayed shut, by the answers to the last connects. */
export function stayedShut({ host, lanes, tries, seconds, spent, kind }: Failure): KnockproxyError {
  const answered = lanes.find(({ connector }) => connector.lastAnswer !== undefined) ?? lanes[0]!;
  const { answer, hint } = meaning(answered.connector.lastAnswer, kind === 'spa' ? SPA : KNOCKS);
  const count = `${tries} ${tries === 1 ? 'attempt' : 'attempts'} in ${seconds.toFixed(1)} s`;
  return new KnockproxyError(`${describe(host, answered.target)} stayed shut: ${count}, ${answer}`, {
    hints: [
      ...(spent === undefined ? [] : [limitHint(spent)]),
      hint,
      ...(kind === 'one-time' ? OUT_OF_STEP : []),
    ],
  });
}

/** The error for a door that opened to a port on which nothing listens. */
export function nothingListens(host: string, target: Target): KnockproxyError {
  const what = 'the door opens, but nothing listens on this port';
  return new KnockproxyError(`${describe(host, target)}: ${what} (silent before, refused now)`, {
    hints: ["start sshd on the server, or correct Port: 'ss -ltn' there shows what listens"],
  });
}

/** Further hints for a one-time door: the two files may be out of step. */
const OUT_OF_STEP = [
  'the server uses up a one-time sequence when its knocks arrive, even if the connection fails; ' +
    'each login tries one more line, so retry once the cause is fixed',
  "if it stays shut, compare with the server's file: its first line without # must be among the first lines here; " +
    'to fix both, copy its file over this one',
];

function limitHint(spent: string): string {
  return spent === ONE_TRY
    ? 'the last logins failed too, so only one attempt is made, to avoid getting your address banned'
    : `a login sends at most ${spent}, to avoid getting your address banned`;
}

/** The error for a failed connect without a knock. */
export function notConnected(host: string, target: Target, code: string, hints: string[]): KnockproxyError {
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
    'wrong key, HMAC mismatch, a clock more than 120 s off, an allowed address that differs from the one after NAT, ' +
    'a port not in OPEN_PORTS, fwknopd not running, or UDP filtered on the way; ' +
    "fwknopd's log shows which",
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
        hint: `${wrong} behind a firewall that rejects, or nothing listens on this port`,
      };
    case 'EHOSTUNREACH':
    case 'EACCES':
      return {
        answer: `unreachable or prohibited (ICMP) (${code})`,
        hint: `${wrong} behind a firewall that prohibits, or the host is down`,
      };
    case 'ENETUNREACH':
      return { answer: `no route (${code})`, hint: 'check the network connection' };
    case 'ETIMEDOUT':
      return { answer: `no answer (${code})`, hint: 'the host is down or drops the packets' };
    default:
      return { answer: code, hint: 'see errno(3) for what the code means' };
  }
}
