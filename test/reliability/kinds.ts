import { mustRun, type Step } from '../netns/index.ts';
import { type DoorKind, debianPair, knockd, nft, recent } from './doors.ts';
import type { Login } from './login.ts';
import { ALL_OPEN, type Row } from './row.ts';

const tcp = (...ports: number[]): Step[] => ports.map((port): Step => `${port}:tcp`);
const udp = (...ports: number[]): Step[] => ports.map((port): Step => `${port}:udp`);
const MIXED = [...tcp(41373, 17895), ...udp(41647, 18101)];

const SEQUENCES: Record<string, Step[]> = {
  '1 step': tcp(41373),
  '2 steps': tcp(41373, 17895),
  '2 steps, one port': tcp(41373, 41373),
  '3 steps': tcp(41373, 17895, 41647),
  '31 steps': Array.from({ length: 31 }, (_, n): Step => `${41000 + 7 * n}:${n % 3 ? 'tcp' : 'udp'}`),
  'repeated ports': tcp(41373, 17895, 17895, 41373, 17895, 41647),
  'all UDP': udp(41373, 17895, 41647, 18101, 52948),
  'all TCP': tcp(41373, 17895, 41647, 18101, 52948),
};

const SEQUENCE_ROWS: Row[] = Object.entries(SEQUENCES).map(([name, sequence]) =>
  row(`sequence: ${name}`, knockd({ sequence }), 20, 3),
);

const NO_TCPFLAGS_ROWS: Row[] = [
  row('no tcpflags', knockd({ tcpflags: false }), 20, 3),
  row('no tcpflags, REJECT by RST', knockd({ tcpflags: false, sequence: MIXED, answer: 'tcp-reset' }), 20, 3),
];

const OTHER_DOORS: Row[] = [
  row('nft sets', nft(), 50, 4),
  row('nft sets, strays banned', nft({ blacklist: true }), 50, 4),
  row('recent, strict', recent(), 50, 4),
  row('recent, one connection', recent({ oneShot: true }), 50, 4),
  row('REJECT by RST', knockd({ answer: 'tcp-reset' }), 50, 4),
  row('REJECT by ICMP', knockd({ answer: 'icmp' }), 50, 4),
];

function row(name: string, door: DoorKind, full: number, ci: number): Row {
  return {
    name,
    stage: { door },
    full,
    ci,
    run: async (stage, rounds) => ({ logins: await stage.halfByNewcomers(rounds) }),
    asks: [ALL_OPEN],
  };
}

/**
 * What brings knockd from nothing into each of the states that one source can bring Debian's pair into; the third
 * and the last have opened or closed. test/model/search.ts finds these words.
 */
const DIRTY: readonly number[][] = [
  [7000],
  [9000],
  [7000, 7000],
  [7000, 8000],
  [9000, 7000],
  [9000, 8000],
  [7000, 8000, 9000],
  [9000, 8000, 7000],
];

const DIRTY_ROW: Row = {
  name: "dirty states of Debian's pair",
  stage: { door: debianPair() },
  full: 5,
  ci: 1,
  async run(stage, rounds) {
    const logins: Login[] = [];
    for (const word of Array<typeof DIRTY>(rounds).fill(DIRTY).flat()) {
      await stage.shut();
      const knocks = ['-d', '5', stage.bed.server.ip, ...word.map(String)];
      await mustRun([...stage.bed.client.prefix, 'knock', ...knocks]);
      await stage.settle();
      await stage.settle(); // knockd reads packets in batches of 50 ms
      await stage.door.removeRules();
      logins.push(await stage.counted(stage.newcomer()));
    }
    return { logins };
  },
  asks: [ALL_OPEN, { what: 'sequences of a login', value: ({ mostSequences }) => mostSequences, most: 2 }],
};

export const DOOR_ROWS: readonly Row[] = [DIRTY_ROW, ...SEQUENCE_ROWS, ...NO_TCPFLAGS_ROWS, ...OTHER_DOORS];
