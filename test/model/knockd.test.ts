import { describe, expect, it } from 'vitest';
import { type Door, openings, type Packet, type Step, type TcpFlag } from './knockd.ts';

const OPEN = door('open', '7000 8000 9000');
const CLOSE = door('close', '9000 8000 7000');
const PAIR = [OPEN, CLOSE];

/** Every state of one source at the stock Debian pair: knocks that lead to it. */
const CLEAN = ['', '7000 9000', '9000 7000', '7000 8000 9000', '9000 8000 7000'];
const LIVE = ['7000', '7000 8000', '9000', '9000 8000'];

describe('the stock pair', () => {
  it.each([
    ['plain', '7000 8000 9000', CLEAN],
    ['with one more first knock', '7000 7000 8000 9000', LIVE],
    ['with the middle knocked twice before', '8000 8000 7000 8000 9000', [...CLEAN, ...LIVE]],
  ])('%s (%s) opens from these states only: %j', (_, run, states) => {
    const opened = [...CLEAN, ...LIVE].filter((state) => lastOf(PAIR, `${state} ${run}`, run) === 'open');
    expect(opened).toEqual(states);
  });

  it('never opens by plain retries once the first knock was lost', () => {
    expect(names(PAIR, '8000 9000 7000 8000 9000 7000 8000 9000 7000 8000 9000')).toEqual([]);
  });
});

describe('one source', () => {
  it.each<[string, Door[], string, string[]]>([
    ['opens at the last step', [OPEN], '7000 8000 9000', ['open']],
    ['is not disturbed by ports of no door', [OPEN], '7000 22 8000 1234 9000', ['open']],
    ['fails at a duplicate', [OPEN], '7000 8000 8000 9000', []],
    ['does not begin at the packet that failed', [OPEN], '7000 7000 8000 9000', []],
    ['begins at the packet after it', [OPEN], '7000 9000 7000 8000 9000', ['open']],
    ['begins anew at the packet after an opening', [OPEN], '7000 8000 9000 7000 8000 9000', ['open', 'open']],
    [
      'takes a repeated port as often as the sequence',
      [door('a', '7000 7000 8000')],
      '7000 7000 8000',
      ['a'],
    ],
    ['opens a one-step door each time', [door('a', '7000')], '7000 7000', ['a', 'a']],
    ['begins no other door while one is live', [OPEN, door('b', '8000 9000')], '7000 8000 9000', ['open']],
    [
      'knocks at doors with equal beginnings at once',
      [OPEN, door('b', '7000 8000')],
      '7000 8000 9000',
      ['b', 'open'],
    ],
    ['tells udp from tcp', [door('a', '7000/udp 8000')], '7000 7000/udp 8000', ['a']],
  ])('%s', (_, doors, run, expected) => {
    expect(names(doors, run)).toEqual(expected);
  });

  it('loses its other door when the first one in the file fails before the end', () => {
    const doors = [door('a', '7000 8000 9000'), door('b', '7000 9000 8000')];
    expect(names(doors, '7000 9000 8000')).toEqual([]);
    expect(names(doors.toReversed(), '7000 9000 8000')).toEqual(['b']);
  });
});

describe('tcpflags', () => {
  const run = (flags: TcpFlag[]) => [
    ...packets('7000 8000'),
    { ...packets('8000')[0]!, flags },
    ...packets('9000'),
  ];

  it.each<[Door['tcpflags'], TcpFlag[], number]>([
    [['syn'], ['rst'], 1],
    [['syn'], ['ack'], 1],
    [['syn'], ['syn', 'ack'], 0],
    [['syn', '!ack'], ['syn', 'ack'], 1],
    [undefined, ['rst'], 0],
    [undefined, ['ack'], 0],
  ])('%j: a stray %j at a knock port leaves %i opening', (tcpflags, stray, count) => {
    const doors = [{ ...OPEN, ...(tcpflags && { tcpflags }) }];
    expect(openings(doors, run(stray)).length).toBe(count);
  });
});

describe('seq_timeout', () => {
  it.each([
    ['is counted from the first knock', [0, 9_000, 14_999], 1],
    ['ends the attempt when reached', [0, 9_000, 15_000], 0],
    ['counts seconds of the clock, so it may end early', [999, 9_000, 15_000], 0],
    ['counts seconds of the clock, so it never lasts longer', [0, 9_000, 15_001], 0],
  ])('%s', (_, times, count) => {
    const sent = packets('7000 8000 9000').map((packet, i) => ({ ...packet, atMs: times[i]! }));
    expect(openings([{ ...OPEN, seqTimeoutS: 15 }], sent).length).toBe(count);
  });
});

describe('two sources', () => {
  const mine = packets('7000 8000 9000');
  const [first, second, third] = packets('7000 8000 9000', 'other');

  it.each<[string, Packet[], string[]]>([
    ['do not see each other while both are live', [first!, ...mine, second!], ['me']],
    [
      'lose their attempts when the one that began first opens',
      [mine[0]!, first!, ...mine.slice(1), second!, third!],
      ['me'],
    ],
    ['keep them when a later one opens', [first!, ...mine, second!, third!], ['me', 'other']],
    ['lose them when the one that began first fails', [first!, mine[0]!, first!, ...mine.slice(1)], []],
  ])('%s', (_, sent, expected) => {
    expect(openings([OPEN], sent).map((opening) => opening.source)).toEqual(expected);
  });
});

/** The door that opened last within the final `run` of `all`, if any. */
function lastOf(doors: readonly Door[], all: string, run: string): string | undefined {
  const sent = packets(all);
  const from = sent.length - packets(run).length;
  return openings(doors, sent).findLast((opening) => opening.packet >= from)?.door;
}

function names(doors: readonly Door[], run: string): string[] {
  return openings(doors, packets(run)).map((opening) => opening.door);
}

function door(name: string, run: string): Door {
  return { name, sequence: steps(run), seqTimeoutS: 25 };
}

function packets(run: string, source = 'me'): Packet[] {
  return steps(run).map((step) => ({ ...step, source, atMs: 0 }));
}

function steps(run: string): Step[] {
  return run
    .trim()
    .split(' ')
    .map((text) => {
      const [port, protocol = 'tcp'] = text.split('/');
      return { port: Number(port), protocol: protocol as Step['protocol'] };
    });
}
