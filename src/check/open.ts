import type net from 'node:net';
import type { Memory } from '../door/memory.ts';
import type { Try } from '../door/schedule.ts';
import type { Sequence } from '../door/sequence.ts';
import { Lane } from '../opener/lane.ts';
import type { Target } from '../opener/target.ts';
import { sleep } from '../sleep.ts';
import type { Answer, Knocked } from './findings.ts';
import { answerOf, probe } from './probe.ts';

export interface OpenRequest {
  readonly target: Target;
  readonly memory: Memory;
  readonly sequences: readonly Sequence[];
  /** What the port answered before. */
  readonly before: Answer;
  /** For how long new tries begin, in milliseconds. */
  readonly limitMs: number;
}

export interface OpenResult {
  readonly after: Answer;
  readonly knocked: Knocked;
  /** When the port is open: connected and paused. */
  readonly socket?: net.Socket;
  /** From the last knock to the connection, in milliseconds. */
  readonly openMs?: number;
  /** Which of the sequences opened it. */
  readonly sequence?: number;
  /** What this taught. */
  readonly memory?: Memory;
}

/** So many tries open a door over a line that loses one packet in ten, all but surely. */
const MOST_TRIES = 12;

/**
 * Knocks as a login does, until the port opens, or a silent port refuses: then the knock has worked, and nothing
 * listens.
 *
 * @throws KnockproxyError when this machine refuses to send.
 */
export async function openAddress(request: OpenRequest): Promise<OpenResult> {
  const { target, memory, sequences, before, limitMs } = request;
  const endMs = performance.now() + limitMs;
  let won: Omit<OpenResult, 'knocked'> | undefined;
  let knockedMs = 0;
  let lasted = 0;
  let tries = 0;
  const lane: Lane = new Lane(target, memory, (socket, dial) => {
    const openMs = performance.now() - knockedMs;
    won = { after: 'open', socket, openMs, sequence: lane.sequenceOf(dial), memory: lane.learnedFrom(dial) };
  });
  const isDecided = () =>
    won !== undefined || (before === 'silent' && answerOf(lane.dialer.lastAnswer) === 'refused');
  try {
    do {
      const startMs = performance.now();
      const plan = lane.plan(sequences);
      await knock(lane, plan);
      knockedMs = performance.now();
      lasted = Math.max(lasted, tries === 0 ? knockedMs - startMs : 0);
      tries++;
      await connect(lane, plan, isDecided);
    } while (!isDecided() && tries < MOST_TRIES && performance.now() < endMs);
    const knocked = { tries, sequenceMs: lasted };
    if (won !== undefined) return { ...won, knocked };
    if (isDecided()) return { after: 'refused', knocked };
    const last = await lookAgain(target, knockedMs);
    if (last.after !== 'silent') return { ...last, knocked };
    // A machine sends so many ICMP errors in a second and no more: one that answered once is not silent.
    const answered = answerOf(lane.dialer.lastAnswer);
    return { after: answered === 'silent' ? before : answered, knocked };
  } finally {
    lane.close();
  }
}

async function knock(lane: Lane, { knocks }: Try): Promise<void> {
  const startMs = performance.now();
  for (const one of knocks) {
    await sleep(startMs + one.atMs - performance.now());
    await lane.knock(one);
  }
}

async function connect(lane: Lane, plan: Try, isDecided: () => boolean): Promise<void> {
  const startMs = performance.now();
  lane.knocked(plan);
  for (const atMs of [...plan.probesMs, plan.waitMs]) {
    await sleep(startMs + atMs - performance.now());
    if (isDecided()) return;
    if (atMs < plan.waitMs) lane.dial();
  }
}

/** A door that opens late is open now; else what the port answers in the end. */
async function lookAgain(target: Target, knockedMs: number): Promise<Omit<OpenResult, 'knocked'>> {
  const { answer, socket } = await probe(target);
  return { after: answer, ...(socket && { socket, openMs: performance.now() - knockedMs }) };
}
