import { expect, test } from 'vitest';
import { reachability } from '../../src/knockd/reachable.ts';
import { type Door, openings, type Step, type TcpFlag } from './knockd.ts';
import { Random } from './random.ts';

const FILES = 5000;
const SEED = Number(process.env.ORACLE_SEED ?? Math.floor(Math.random() * 2 ** 31));

/** Knocked once, back to back: which doors open with the last knock. */
function opened(doors: readonly Door[], steps: readonly Step[]): string[] {
  const packets = steps.map((step) => ({ ...step, source: '192.0.2.1', atMs: 0 }));
  const last = packets.length - 1;
  return openings(doors, packets).flatMap(({ door, packet }) => (packet === last ? [door] : []));
}

test(`a door is hidden if and only if knocking it does not open it (${FILES} files, seed ${SEED})`, () => {
  const random = new Random(SEED);
  let hidden = 0;
  let shared = 0;
  for (let n = 0; n < FILES; n++) {
    const doors = randomDoors(random);
    const sections = doors.map(({ name, sequence, tcpflags = [] }) => ({
      name,
      steps: sequence,
      tcpFlags: new Map(tcpflags.map((flag) => [flag.replace('!', '').toUpperCase(), !flag.startsWith('!')])),
    }));
    const reach = reachability(sections);
    for (const [at, section] of sections.entries()) {
      if (!isKnockable(doors[at]!)) continue;
      const found = opened(doors, section.steps);
      const head = reach.hiddenBy(section);
      expect(found.includes(section.name), JSON.stringify(doors)).toBe(head === undefined);
      if (head !== undefined) hidden += 1;
      else {
        const same = reach.sameSequence(section).map(({ name }) => name);
        expect(found, JSON.stringify(doors)).toEqual(expect.arrayContaining(same));
        shared += same.length;
      }
    }
  }
  expect(hidden).toBeGreaterThan(FILES / 20);
  expect(shared).toBeGreaterThan(FILES / 100);
});

function randomDoors(random: Random): Door[] {
  const step = (): Step => ({ port: random.int(1, 3), protocol: random.chance(0.8) ? 'tcp' : 'udp' });
  return random.times(random.int(1, 4), (at) => ({
    name: `door${at}`,
    sequence: random.times(random.int(1, 4), step),
    seqTimeoutS: 25,
    tcpflags: random.pick<(TcpFlag | `!${TcpFlag}`)[]>([
      [],
      ['syn'],
      ['syn', '!ack'],
      ['fin'],
      ['syn', 'ack'],
    ]),
  }));
}

function isKnockable({ sequence, tcpflags = [] }: Door): boolean {
  const takesSyn = tcpflags.every((flag) => flag === 'syn' || flag === '!ack');
  return takesSyn || sequence.every(({ protocol }) => protocol === 'udp');
}
