import { describe, expect, it } from 'vitest';
import { type Answers, refusedAfterSilence } from '../../../src/login/refused-after-silence.ts';

/** `.` silent, `R` refused, `P` prohibited. */
const answers = (text: string): Answers =>
  [...text].map((letter) => ({ R: 'ECONNREFUSED', P: 'EHOSTUNREACH' })[letter]);

describe('an open door behind which nothing listens', () => {
  it.each([
    ['a port that was silent in time enough', '', '....RRR', 4],
    ['the same, one answer lost', '', '....RR.R', 4],
    ['the same, the first refusals in one burst', '', '......RRRRR', 6],
    ['refused at once, silent before the knocks', '..', 'RRR', 0],
    ['refused soon, silent before the knocks', '..', '.RRR', 1],
    ['refused, and silent since', '', '....RRR..', 4],
  ])('is told by %s', (_, before, after, first) => {
    expect(refusedAfterSilence(answers(before), answers(after))).toBe(first);
  });

  it.each([
    ['nothing', '', ''],
    ['silence', '..', '..........'],
    ['a firewall that rejects', '', 'RRRRRRRR'],
    ['the same on a line that loses packets', '', '..RRR.RRRRR'],
    ['the same, known before', 'R', '.....RRRRR'],
    ['the same, known before by its second answer', '.R', '.....RRRRR'],
    ['one that has refused earlier', '', 'R......RRR'],
    ['ICMP errors once a second', '..', '......R......R......R'],
    ['the same, two at a time', '..', '......RR......RR'],
    ['one that prohibits', '', '....PPP'],
    ['one that answers now so, now so', '..', '....RPRPR'],
    ['two refusals', '..', '....RR'],
  ])('is not told by %s', (_, before, after) => {
    expect(refusedAfterSilence(answers(before), answers(after))).toBeUndefined();
  });
});
