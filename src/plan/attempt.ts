import {
  type History,
  HOPELESS_LOGINS,
  NO_HISTORY,
  openedByMs,
  slowestRttMs,
  usualRttMs,
} from './history.ts';
import { type AttemptResult, chooseDelayMs } from './knock-delay.ts';
import { resetKnocks } from './reset-knocks.ts';
import type { Sequence, Step } from './sequence.ts';

/** One packet and when to send it, in milliseconds from the start of its try. */
export interface Knock {
  readonly step: Step;
  /** 1-based place in the sequence, the only name a step has in messages. */
  readonly number: number;
  readonly atMs: number;
}

/** One try at opening a door: what to send when. All decided before the first packet. */
export interface Attempt {
  readonly knocks: readonly Knock[];
  /** The pause between two knocks, in milliseconds. */
  readonly delayMs: number;
  /** When connects leave, in milliseconds after the last knock, ascending. */
  readonly connectsMs: readonly number[];
  /** When the next try may begin, in milliseconds after the last knock. */
  readonly waitMs: number;
}

/** What a try is planned from. */
export interface AttemptContext {
  readonly sequence: Sequence;
  /** What earlier logins learned. */
  readonly memory: History;
  /** How this login's tries went that are known to have failed. */
  readonly failed: readonly AttemptResult[];
  /** Which try of this login at this address, from 1. */
  readonly number: number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

/**
 * knockd opens 8-70 ms after the last knock: it reads packets in batches of 50 ms, then starts a shell and
 * iptables. A door that has not opened after this and a round trip has not seen the whole sequence.
 */
const SLOW_OPENING_MS = 75;
/** The wait after a try over an unknown line, in milliseconds; on a slow one it costs surplus tries. */
const FIRST_WAIT_MS = 110;
/** The same once the answer of even a distant host would have come: three tries took a third of a second. */
const LATER_WAIT_MS = 95;
const FIRST_TRIES = 3;
/**
 * From the ninth try on a try is longer than the one before by this factor, so that 30 of them last about as long as the
 * default limit. Until then the time is better spent on more tries: at 10 % loss one of three opens.
 */
const GROWTH = 1.09;
const QUICK_TRIES = 8;
/** A door that a second sequence closes must not be opened twice: the close sequence closes only once. */
const CLOSABLE_WAIT_FACTOR = 3;
/** Waits differ by so much, so that two machines behind one address do not stay in step. */
const WAIT_SPREAD = 0.3;
/** What is added to a learned wait, in milliseconds: timers are late, and the latest opening is yet to be seen. */
const MARGIN_MS = 20;
/** Fewer openings than this teach nothing. */
const ENOUGH_OPENINGS = 3;

export function planAttempt(situation: AttemptContext): Attempt {
  return planKnowing({ ...situation, opening: learnedOpening(situation.memory) });
}

/** The knocks of a sequence that is sent once, without an attempt before it. */
export function planOnce(
  sequence: Sequence,
  random: AttemptContext['random'],
  memory: History = NO_HISTORY,
): readonly Knock[] {
  return planAttempt({ sequence, memory, failed: [], number: 1, random }).knocks;
}

/** With what the memory tells of the time a door takes; undefined: too little. */
interface InformedContext extends AttemptContext {
  readonly opening: OpeningTimes | undefined;
}

function planKnowing(situation: InformedContext): Attempt {
  const { sequence, memory, failed, number, random } = situation;
  const usualMs = usualWaitMs(situation);
  const steps = [...preamble(situation), ...numbered(sequence.steps)];
  const floorMs = Math.min(sequence.delayMs ?? 0, ceilingMs(sequence));
  const delayMs =
    number === 1 && sequence.delayMs !== undefined
      ? floorMs
      : chooseDelayMs(
          sequence.steps.length,
          usualMs,
          [...memory.tries, ...failed],
          floorMs,
          ceilingMs(sequence),
        );
  // What the pauses take, a long try need not wait as well.
  const grownMs = usualMs * GROWTH ** Math.max(0, number - QUICK_TRIES) - delayMs * steps.length;
  const spreadMs = Math.max(usualMs, grownMs) * (1 + WAIT_SPREAD * (2 * random() - 1));
  const waitMs = Math.max(spreadMs, leastWaitMs(situation));
  return {
    knocks: steps.map((knock, index) => ({ ...knock, atMs: index * delayMs })),
    delayMs,
    connectsMs: probes(situation, waitMs),
    waitMs,
  };
}

function numbered(steps: readonly Step[]) {
  return steps.map((step, index) => ({ step, number: index + 1 }));
}

/**
 * From the second try on the door may be in any state; see reset-knocks.ts. After a whole turn, at random. Logins that make
 * one try each go on where the one before them has stopped, round and round: each may leave knockd in mid-sequence.
 */
function preamble({ sequence, memory, number, random }: AttemptContext) {
  const vainLogins = Math.max(0, memory.failedLogins - HOPELESS_LOGINS);
  const next = number - 2 + vainLogins;
  if (next < 0) return [];
  const turns = resetKnocks(sequence.steps);
  const afterAll = vainLogins > 0 ? next % turns.length : Math.floor(random() * turns.length);
  return turns[next < turns.length ? next : afterAll]!.map((step) => ({
    step,
    number:
      sequence.steps.findIndex(({ port, protocol }) => port === step.port && protocol === step.protocol) + 1,
  }));
}

/**
 * The longest pause with which a sequence fits into KnockSequenceTimeout. knockd compares whole seconds with
 * >=, so that a window of N seconds can end after N - 1.
 */
export function ceilingMs({ steps, sequenceTimeoutMs }: Sequence): number {
  if (sequenceTimeoutMs === undefined || steps.length < 2) return Number.POSITIVE_INFINITY;
  return Math.max(0, sequenceTimeoutMs - 1000) / (steps.length - 1) || 500 / (steps.length - 1);
}

function usualWaitMs({ sequence, memory, number, opening }: InformedContext): number {
  const rttMs = slowestRttMs(memory);
  const learnedMs =
    rttMs === undefined || opening === undefined
      ? (number <= FIRST_TRIES ? FIRST_WAIT_MS : LATER_WAIT_MS) +
        (sequence.slowestOpeningMs ?? SLOW_OPENING_MS) -
        SLOW_OPENING_MS
      : opening.lateMs + rttMs + LEARNED_GAP_MS;
  const closable = sequence.closable ? CLOSABLE_WAIT_FACTOR : 1;
  return learnedMs * closable;
}

/**
 * No wait is so short that a learned door's answer could not have come. A knockd that is tried again too early has
 * only its state to lose, and the preamble restores that; where each packet opens the door (SPA), one more is one
 * more rule in the firewall: those doors get all the time they take.
 */
function leastWaitMs({ sequence: { slowestOpeningMs = 0 }, memory, opening }: InformedContext): number {
  const rttMs = slowestRttMs(memory) ?? 0;
  const slowestMs = slowestOpeningMs && slowestOpeningMs + rttMs;
  return Math.max(slowestMs, opening === undefined ? 0 : opening.lateMs + rttMs + MARGIN_MS);
}

/**
 * Connects of a try over an unknown line. Together with 30 tries they stay below the 100 connects that a login
 * may start; what one try misses, the next one finds.
 */
function probes({ sequence, memory, number, opening }: InformedContext, waitMs: number): number[] {
  if (opening !== undefined) return learnedProbes({ memory, number, opening }, waitMs);
  // A slower door gets as many connects, further apart.
  const scale = (sequence.slowestOpeningMs ?? SLOW_OPENING_MS) / SLOW_OPENING_MS;
  const likeKnockd = number > 1 ? retryProbes(number, 12, 35, 60, 85) : gapped(2, waitMs / scale, denseGapMs);
  return likeKnockd.map((ms) => ms * scale);
}

/** Fewer from the ninth try on. */
function retryProbes(number: number, ...[first, second, third, fourth]: number[]): number[] {
  return number <= 8 ? [first!, second!, third!, fourth!] : [second!, fourth!];
}

/**
 * When the door is about to open, when it mostly has, when it practically always had. Then, in the first try, once
 * the answers to these had time to come, again and again: a packet may be lost.
 */
function learnedProbes(
  {
    memory,
    number,
    opening: { earlyMs, likelyMs, lateMs },
  }: Required<Pick<InformedContext, 'memory' | 'number'>> & {
    readonly opening: OpeningTimes;
  },
  waitMs: number,
): number[] {
  const rttMs = usualRttMs(memory) ?? 0;
  const fourthMs = Math.max(lateMs + LEARNED_GAP_MS, likelyMs + rttMs + MARGIN_MS);
  if (number > 1) return retryProbes(number, earlyMs, likelyMs, lateMs, fourthMs);
  if (rttMs < NEAR_MS) {
    const [soonMs, surelyMs] = [openedByMs(memory, 0.15), lateMs + MARGIN_MS];
    const gapMs = Math.max(NEAR_MS, (surelyMs - soonMs) / MOST_NEAR_PROBES);
    return [...gapped(soonMs, surelyMs, () => gapMs), ...gapped(surelyMs, waitMs, () => LEARNED_GAP_MS)];
  }
  return [earlyMs, likelyMs, lateMs, ...gapped(fourthMs, waitMs, () => Math.max(LEARNED_GAP_MS, rttMs))];
}

/**
 * A host this near, in milliseconds of round trip, answers one connect before the next one leaves, so that more
 * of them cost nothing.
 */
const NEAR_MS = 8;
const MOST_NEAR_PROBES = 20;
/** A single late opening must not make all later logins wait: it is not taken for more than this beyond the usual. */
const LATEST_MS = 60;
const LEARNED_GAP_MS = 25;
/** Closer connects could be answered in one burst, of which sshd would see two. */
const LEAST_GAP_MS = 8;

/** How long after the last knock the door is open, in milliseconds, as far as was learned; undefined: unknown. */
export function openingMs(memory: History): number | undefined {
  const opening = learnedOpening(memory);
  return opening && opening.lateMs + (slowestRttMs(memory) ?? 0);
}

/** When a door opens, in milliseconds after the last knock: in four of ten logins, in most, in practically all. */
interface OpeningTimes {
  readonly earlyMs: number;
  readonly likelyMs: number;
  readonly lateMs: number;
}

function learnedOpening(memory: History): OpeningTimes | undefined {
  if (memory.opens.length < ENOUGH_OPENINGS) return undefined;
  const earlyMs = openedByMs(memory, 0.4);
  const likelyMs = Math.max(openedByMs(memory, 0.75), earlyMs + LEAST_GAP_MS);
  const lateMs = Math.min(openedByMs(memory, 0.95), likelyMs + LATEST_MS);
  return { earlyMs, likelyMs, lateMs: Math.max(lateMs, likelyMs + LEAST_GAP_MS) };
}

function gapped(fromMs: number, untilMs: number, gapMs: (atMs: number) => number): number[] {
  const times: number[] = [];
  for (let atMs = fromMs; atMs < untilMs; atMs += gapMs(atMs)) times.push(atMs);
  return times;
}

/** Every 4 ms while knockd is likely to open, then ever more slowly: two answers in one burst are a stray. */
function denseGapMs(atMs: number): number {
  return atMs < SLOW_OPENING_MS ? 4 : atMs * 0.15;
}
