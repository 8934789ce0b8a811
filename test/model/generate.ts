/** Random doors, and random packets that open them often enough and leave half-finished attempts behind. */
import type { Door, Packet, Step, TcpFlag } from './knockd.ts';
import type { Random } from './random.ts';

/** alone: one source after the other, from nothing. mixed: many at once. slow: many at once, and attempts expire. */
export type Mode = 'alone' | 'mixed' | 'slow';

export interface Round {
  readonly mode: Mode;
  readonly doors: readonly Door[];
  readonly packets: readonly Packet[];
  /** Pause before each packet. */
  readonly spacingMs: number;
  /** Sources, each with its own random packets. */
  readonly sequences: number;
}

type Knock = Omit<Packet, 'atMs' | 'source'>;

/** Udp, the middle of a door of its own: sent twice it ends whatever the source has begun and begins nothing. */
const RESET: Step = { port: 50_000, protocol: 'udp' };
const RESET_DOOR: Door = {
  name: 'reset',
  sequence: [{ ...RESET, port: 50_001 }, RESET, { ...RESET, port: 50_001 }],
  seqTimeoutS: 25,
};
const SLOW_ROUND_MS = 3_000;

export function randomRound(random: Random, mode: Mode, sequences: number): Round {
  const pool = randomPool(random);
  const doors = randomDoors(random, pool, mode);
  const knocks = random.times(sequences, (i) => ({
    source: address(i),
    knocks: randomKnocks(random, doors, pool),
  }));
  const packets = mode === 'alone' ? oneByOne(knocks) : interleaved(random, knocks);
  const spacingMs = mode === 'slow' ? SLOW_ROUND_MS / packets.length : 0;
  return { mode, doors: [...doors, RESET_DOOR], packets, spacingMs, sequences };
}

interface Source {
  readonly source: string;
  readonly knocks: readonly Knock[];
}

function oneByOne(sources: readonly Source[]): Packet[] {
  return sources.flatMap(({ source, knocks }) =>
    [...knocks, RESET, RESET].map((knock) => ({ ...knock, source, atMs: 0 })),
  );
}

/** Each source's own order is kept. */
function interleaved(random: Random, sources: readonly Source[]): Packet[] {
  const waiting = sources.map(({ source, knocks }) => ({ source, left: [...knocks] }));
  const packets: Packet[] = [];
  while (waiting.length > 0) {
    // Only a few sources take turns at a time: attempts overlap, yet the list's head is not always the same one.
    const at = random.int(0, Math.min(waiting.length, 6) - 1);
    const { source, left } = waiting[at]!;
    const knock = left.shift();
    if (knock) packets.push({ ...knock, source, atMs: 0 });
    else waiting.splice(at, 1);
  }
  return packets;
}

function randomPool(random: Random): Step[] {
  const udpShare = random.pick([0, 0, 0.3]);
  return random.times(random.int(1, 4), (i) => ({
    port: 7000 + i * 1000,
    protocol: random.chance(udpShare) ? 'udp' : 'tcp',
  }));
}

function randomDoors(random: Random, pool: readonly Step[], mode: Mode): Door[] {
  const names = ['open', 'close', 'third'].slice(0, random.pick([1, 2, 2, 2, 3]));
  const sequences: Step[][] = [];
  return names.map((name) => {
    const reverse = sequences[0]?.toReversed();
    const sequence = reverse && random.chance(0.4) ? reverse : randomSequence(random, pool);
    sequences.push(sequence);
    const seqTimeoutS = mode === 'slow' ? random.int(1, 2) : 25;
    const tcpflags = random.pick([
      undefined,
      undefined,
      ['syn'],
      ['syn'],
      ['syn', '!ack'],
      ['ack'],
      ['!rst'],
    ] as const);
    return { name, sequence, seqTimeoutS, ...(tcpflags && { tcpflags }) };
  });
}

function randomSequence(random: Random, pool: readonly Step[]): Step[] {
  return random.times(random.int(1, 5), () => random.pick(pool));
}

function randomKnocks(random: Random, doors: readonly Door[], pool: readonly Step[]): Knock[] {
  return random.times(random.int(1, 4), () => randomRun(random, random.pick(doors), pool)).flat();
}

/** A door's sequence, the same with one thing wrong, its beginning, or anything at all. */
function randomRun(random: Random, door: Door, pool: readonly Step[]): Knock[] {
  const strays = [...pool, RESET, { port: 22, protocol: 'tcp' } as const];
  const at = random.int(0, door.sequence.length - 1);
  const run: Step[] = [...door.sequence];
  const kind = random.next();
  if (kind < 0.12) run.splice(at, 1);
  else if (kind < 0.24) run.splice(at, 0, run[at]!);
  else if (kind < 0.36) run.splice(at, 0, random.pick(strays));
  else if (kind < 0.48) run.splice(at);
  else if (kind < 0.6)
    run.splice(0, run.length, ...random.times(random.int(1, 4), () => random.pick(strays)));
  return run.map((step) => ({ ...step, flags: randomFlags(random, door) }));
}

function randomFlags(random: Random, door: Door): TcpFlag[] {
  if (random.chance(0.07))
    return random.pick<TcpFlag[]>([['ack'], ['rst'], ['syn', 'ack'], ['rst', 'ack'], ['fin', 'ack'], []]);
  return door.tcpflags?.[0] === 'ack' ? ['syn', 'ack'] : ['syn'];
}

function address(index: number): string {
  return `10.78.${1 + Math.floor(index / 250)}.${1 + (index % 250)}`;
}
