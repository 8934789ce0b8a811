/** What each connect to one port was answered, in the order in which they left; undefined: nothing. */
export type Answers = readonly (string | undefined)[];

/** So many connects are refused one after the other: an ICMP error once a second (icmp_ratelimit) is no open door. */
const LEAST_REFUSED = 3;
/** Of those in between, so many may be lost. */
const MOST_MISSED = 1;
/** So many before them must be silent: on a line that loses packets, one of them tells nothing. */
const LEAST_SILENT = 4;
/** The same where a connect before the knocks has had all the time that an answer takes. */
const LEAST_SILENT_BEFORE = 2;

/**
 * Whether the door has opened and nothing listens on its port: the port was silent, and now refuses connect after
 * connect. A firewall that rejects refuses from the first one on; then the state of the door is unknown.
 *
 * @param before the connects that left before the knocks.
 * @param after those since.
 * @returns which of `after` was the first to be refused; undefined: there is no telling.
 */
export function refusedAfterSilence(before: Answers, after: Answers): number | undefined {
  const first = startOfRun(after);
  if (first === undefined) return undefined;
  const earlier = [...before, ...after.slice(0, first)];
  const least = before.length > 0 ? LEAST_SILENT_BEFORE : LEAST_SILENT;
  const isSilent = earlier.every((answer) => answer === undefined);
  return isSilent && earlier.length >= least ? first : undefined;
}

/** Where the refusals begin that `answers` end with, when there are enough of them. */
function startOfRun(answers: Answers): number | undefined {
  let [refused, missed, first] = [0, 0, answers.length];
  for (let at = answers.findLastIndex(isRefused); at >= 0 && missed <= MOST_MISSED; at--) {
    if (isRefused(answers[at])) {
      refused++;
      first = at;
    } else if (answers[at] === undefined) missed++;
    else return undefined;
  }
  return refused >= LEAST_REFUSED ? first : undefined;
}

function isRefused(answer: string | undefined): boolean {
  return answer === 'ECONNREFUSED';
}
