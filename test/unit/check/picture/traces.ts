import type { AddressTrace, ConnectSpan, Trace } from '../../../../src/check/picture/trace.ts';

const PHASES = [
  { name: 'config', fromMs: 0, toMs: 4 },
  { name: 'name', fromMs: 4, toMs: 9 },
  { name: 'secret', fromMs: 9, toMs: 9.2 },
];

const connect = (fromMs: number, toMs: number, answer: ConnectSpan['answer'] = 'silent') => ({
  fromMs,
  toMs,
  answer,
});

const threeKnocks = (atMs: number, attempt = 1, gapMs = 6) =>
  [1, 2, 3].map((number) => ({ atMs: atMs + number * gapMs, attempt, number }));

/** A silent port that the second connect after the knocks finds open. */
function opened(atMs: number, family: 4 | 6 = 4): AddressTrace {
  return {
    family,
    before: connect(atMs, atMs + 900),
    knocks: threeKnocks(atMs + 903),
    connects: [connect(atMs + 921.5, atMs + 996), connect(atMs + 984, atMs + 996, 'open')],
    banner: {
      fromMs: atMs + 996,
      toMs: atMs + 1010,
      isSsh: true,
      text: 'SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3',
    },
  };
}

/** Nine attempts within nine seconds, without an answer. */
function shut(): AddressTrace {
  const starts = Array.from({ length: 9 }, (_, n) => 915 + n * 400 + n * (n - 1) * 60);
  return {
    family: 4,
    before: connect(9, 909),
    knocks: starts.flatMap((atMs, index) => threeKnocks(atMs, index + 1)),
    connects: starts.flatMap((atMs) => [connect(atMs + 60, atMs + 960), connect(atMs + 250, atMs + 1150)]),
  };
}

export const TRACES = {
  ok: { phases: PHASES, addresses: [opened(9)] },
  both: { phases: PHASES, addresses: [opened(9), opened(1030, 6)] },
  shut: { phases: PHASES, addresses: [shut()] },
  short: {
    phases: PHASES,
    addresses: [
      {
        family: 4,
        before: connect(9, 19, 'refused'),
        knocks: threeKnocks(20),
        connects: [connect(46, 106, 'open')],
        banner: { fromMs: 106, toMs: 120, isSsh: false, text: 'the server sends nothing' },
      },
    ],
  },
  closed: {
    phases: PHASES,
    addresses: [{ ...opened(9), closing: { fromMs: 1019, toMs: 1240 }, after: connect(1240, 2140) }],
  },
  vain: {
    phases: PHASES,
    addresses: [
      {
        ...opened(9),
        connects: [connect(930, 990), connect(988, 990, 'refused')],
        banner: undefined!,
        nothingListens: true,
      },
    ],
  },
  openBefore: {
    phases: PHASES,
    addresses: [{ family: 6, before: connect(9, 20, 'open'), knocks: [], connects: [] }],
  },
  unreadable: { phases: PHASES.slice(0, 1), addresses: [] },
  nothing: { phases: [], addresses: [] },
} satisfies Record<string, Trace>;
