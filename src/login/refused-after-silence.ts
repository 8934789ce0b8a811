/** What each connect to one port was answered, in the order in which they left; undefined: nothing. */
export type Answers = readonly (string | undefined)[];

export interface ConnectAnswers {
  /** Of the connects that left before the knocks. */
  readonly before: Answers;
  /** Of those since. */
  readonly after: Answers;
  /** The line is known to lose packets. */
  readonly isLossy: boolean;
}

/** This many connects are refused in a row: an ICMP error once a second (icmp_ratelimit) is no open door. */
const LEAST_REFUSED = 2;
/** Of those in between, as many may be lost. */
const MOST_MISSED = 1;
/** Each attempt makes one connect, and one alone may have been lost: as many before the refusals must be silent. */
const LEAST_SILENT = 2;
/** The same where a connect before the knocks has had all the time that an answer takes. */
const LEAST_SILENT_BEFORE = 1;
/** Both grow by this factor on a line that loses packets. */
const LOSSY_FACTOR = 2;

/**
 * Whether the door has opened and nothing listens on its port: the port was silent, and now refuses connect after
 * connect. A firewall that rejects refuses from the first one on; then there is no telling.
 *
 * @param leastRefused how many refusals are enough: with one, another connect is worth making.
 * @returns which of `after` was the first to be refused; undefined: there is no telling.
 */
export function refusedAfterSilence(
  { before, after, isLossy }: ConnectAnswers,
  leastRefused = LEAST_REFUSED,
): number | undefined {
  const first = startOfRun(after, leastRefused);
  if (first === undefined) return undefined;
  const earlier = [...before, ...after.slice(0, first)];
  const least = (before.length > 0 ? LEAST_SILENT_BEFORE : LEAST_SILENT) * (isLossy ? LOSSY_FACTOR : 1);
  const isSilent = earlier.every((answer) => answer === undefined);
  return isSilent && earlier.length >= least ? first : undefined;
}

/** Where the refusals begin that `answers` end with, when there are enough of them. */
function startOfRun(answers: Answers, leastRefused: number): number | undefined {
  let [refused, missed, first] = [0, 0, answers.length];
  for (let at = answers.findLastIndex(isRefused); at >= 0 && missed <= MOST_MISSED; at--) {
    if (isRefused(answers[at])) {
      refused++;
      first = at;
    } else if (answers[at] === undefined) missed++;
    else return undefined;
  }
  return refused >= leastRefused ? first : undefined;
}

export function isRefused(answer: string | undefined): boolean {
  return answer === 'ECONNREFUSED';
}
