import { describe, expect, it } from 'vitest';
import { type Answers, refusedAfterSilence } from '../../../src/login/refused-after-silence.ts';

/** `.` silent, `R` refused, `P` prohibited. */
const answers = (text: string): Answers =>
  [...text].map((letter) => ({ R: 'ECONNREFUSED', P: 'EHOSTUNREACH' })[letter]);

const refused = (before: string, after: string, isLossy = false) =>
  refusedAfterSilence({ before: answers(before), after: answers(after), isLossy });

describe('an open door behind which nothing listens', () => {
  it.each([
    ['a port that was silent in time enough', '', '....RRR', 4],
    ['the same, one answer lost', '', '....RR.R', 4],
    ['the same, the first refusals in one burst', '', '......RRRRR', 6],
    ['refused at once, silent before the knocks', '..', 'RRR', 0],
    ['refused soon, silent before the knocks', '..', '.RRR', 1],
    ['refused, and silent since', '', '....RRR..', 4],
  ])('is told by %s', (_, before, after, first) => {
    expect(refused(before, after)).toBe(first);
  });

  it.each([
    ['nothing', '', ''],
    ['silence', '..', '..........'],
    ['a firewall that rejects', '', 'RRRRRRRR'],
    ['the same on a line that loses a packet', '', '.RRR.RRRRR'],
    ['the same, known before', 'R', '.....RRRRR'],
    ['the same, known before by its second answer', '.R', '.....RRRRR'],
    ['one that has refused earlier', '', 'R......RRR'],
    ['ICMP errors once a second', '..', '......R......R......R'],
    ['one that prohibits', '', '....PPP'],
    ['one that answers now so, now so', '..', '....RPRPR'],
    ['one refusal', '..', '....R'],
    ['two refusals with two lost between them', '..', 'R..R'],
  ])('is not told by %s', (_, before, after) => {
    expect(refused(before, after)).toBeUndefined();
  });

  it('takes more silence over a line that loses packets', () => {
    expect(refused('.', 'RR', true)).toBeUndefined();
    expect(refused('..', 'RR', true)).toBe(0);
    expect(refused('', '...RR', true)).toBeUndefined();
  });

  it('is worth one more connect after one refusal', () => {
    const one = { before: answers('.'), after: answers('R'), isLossy: false };
    expect(refusedAfterSilence(one, 1)).toBe(0);
    expect(refusedAfterSilence({ ...one, before: [] }, 1)).toBeUndefined();
  });
});
