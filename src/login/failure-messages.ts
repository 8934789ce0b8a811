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
  /** The budget that ended it; undefined: the time was up. */
  readonly spent: string | undefined;
  /** What the door is. */
  readonly kind?: Source['kind'] | undefined;
}

/** Words the failure of a door that stayed shut, by what the network answered to the last connects. */
export function stayedShut({ host, lanes, tries, seconds, spent, kind }: Failure): KnockproxyError {
  const answered = lanes.find(({ connector }) => connector.lastAnswer !== undefined) ?? lanes[0]!;
  const { answer, hint } = meaning(answered.connector.lastAnswer, kind === 'spa' ? SPA : KNOCKS);
  const count = `${tries} ${tries === 1 ? 'try' : 'tries'} in ${seconds.toFixed(1)} s`;
  return new KnockproxyError(`${describe(host, answered.target)} stayed shut: ${count}, ${answer}`, {
    hints: [
      ...(spent === undefined ? [] : [BUDGETS(spent)]),
      hint,
      ...(kind === 'one-time' ? OUT_OF_STEP : []),
    ],
  });
}

/** Words the failure of a door that has opened in vain. */
export function nothingListens(host: string, target: Target): KnockproxyError {
  const what = 'the door opens, but nothing listens on this port';
  return new KnockproxyError(`${describe(host, target)}: ${what} (silent before, refused now)`, {
    hints: ["start sshd on the server, or correct Port: 'ss -ltn' there shows what listens"],
  });
}

/** What a one-time door that stays shut may need besides, and the way back. */
const OUT_OF_STEP = [
  'the server uses a one-time sequence up when its knocks arrive, whether or not the connection does; ' +
    'each login looks a line further ahead, so try again once the cause is gone',
  "still shut? Compare with the server's file: the first line without # there must be among the first here; " +
    'copying its file over this one sets both right',
];

const BUDGETS = (spent: string) =>
  spent === ONE_TRY
    ? 'the last logins failed too, so only one try is made until one opens, lest the address is banned'
    : `a login sends no more than ${spent}, lest the address is banned`;

/** Words the failure of a plain connect, without a knock. */
export function notConnected(host: string, target: Target, code: string, hints: string[]): KnockproxyError {
  const { answer } = meaning(code);
  return new KnockproxyError(`could not connect to ${describe(host, target)}: ${answer}`, { hints });
}

/** `name (address) port N` */
function describe(host: string, { address, port }: Target): string {
  const name = printable(host);
  return name === address ? `${name} port ${port}` : `${name} (${address}) port ${port}`;
}

/** What is wrong with a door that stays shut: when nothing answers, and behind a firewall that does. */
const KNOCKS = {
  silence:
    'wrong sequence or order, the knock daemon not running, or the knocks filtered on the way; ' +
    "the server's knock log tells which knocks arrive",
  wrong: 'wrong sequence or order',
};
/** fwknopd never answers, whatever is wrong with a packet; only its log tells. */
const SPA = {
  silence:
    'wrong key, HMAC mismatch, a clock more than 120 s off, an allowed address that is not the one NAT gives ' +
    'us, a port not in OPEN_PORTS, fwknopd not running, or UDP filtered on the way; ' +
    "fwknopd's log tells which",
  wrong: 'a packet that fwknopd does not take',
};

/** What an answer, or none, tells, and the likeliest cause. */
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
