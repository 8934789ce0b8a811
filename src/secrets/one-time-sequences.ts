import path from 'node:path';
import { HistoryStore } from '../coordination/history-store.ts';
import { type KnockLock, takeKnockLock } from '../coordination/knock-lock.ts';
import { nowMs } from '../util/clock.ts';
import { KnockproxyError } from '../util/errors.ts';
import { printable } from '../util/log.ts';
import { ownHome } from '../util/own-home.ts';
import { expandPath } from './expand-path.ts';
import type { Again, Names, Obtained, Warn } from './obtained-sequences.ts';
import { OneTimeFile } from './one-time-file.ts';
import { MARKS, type OneTimeLine, type OneTimePlan, planOneTime, wasSent } from './one-time-lines.ts';

/** The knock lock admits one login per address; a login to another address may use the same file. */
const LOCK_WAIT_MS = 5000;
/** Warn when fewer openings are left. */
const FEW = 5;
/** The most lines to send again after an opening. */
const MAX_AGAIN = 8;

interface OneTimeOptions {
  readonly home?: string;
  /** The folder of the locks. */
  readonly folder?: string;
  readonly waitMs?: number;
}

/**
 * Takes the next sequence from a file of knockd's one_time_sequences, under a lock. A line is marked `given` before its
 * first knock is sent, and `used` when the door has opened with it or with a later line.
 *
 * @param path as configured, with tokens.
 * @throws KnockproxyError naming the file, never its content.
 */
export async function obtainOneTime(
  path: string,
  names: Names,
  warn: Warn,
  {
    home = ownHome(),
    folder = new HistoryStore().runtimeFolder(),
    waitMs = LOCK_WAIT_MS,
  }: OneTimeOptions = {},
): Promise<Obtained> {
  const name = expandPath(path, names, home);
  const file = new OneTimeFile(name, names.where);
  try {
    const lock = await takeLock(file, folder, waitMs, names);
    const plan = planOneTime(file.read());
    if (plan !== undefined) return new OneTimeSource(file, lock, plan, printable(name), warn);
    lock.release();
    throw noneLeft(name, names);
  } catch (error) {
    file.close();
    throw error;
  }
}

/** The kernel releases the lock when its owner ends: see knock-lock.ts. */
async function takeLock(file: OneTimeFile, folder: string, waitMs: number, names: Names): Promise<KnockLock> {
  const startedMs = nowMs();
  const taken = await takeKnockLock({ file: path.join(folder, `one-time-${file.identity}`), waitMs });
  if (taken.kind === 'locked' || (taken.kind === 'none' && process.platform === 'win32')) return taken.lock;
  const isBusy = nowMs() - startedMs >= waitMs;
  throw isBusy ? busy(names) : noLock(folder, names);
}

class OneTimeSource implements Obtained {
  readonly candidates: Obtained['candidates'];
  readonly #file: OneTimeFile;
  readonly #lock: KnockLock;
  readonly #plan: OneTimePlan;
  readonly #name: string;
  readonly #warn: Warn;
  /** The lines of which at least one knock has been sent. */
  readonly #sent: Set<OneTimeLine>;
  #released = false;

  constructor(file: OneTimeFile, lock: KnockLock, plan: OneTimePlan, name: string, warn: Warn) {
    this.#file = file;
    this.#lock = lock;
    this.#plan = plan;
    this.#name = name;
    this.#warn = warn;
    const { lines, order, lastUsed } = plan;
    this.candidates = [...order.map((index) => lines[index]!.steps), ...(lastUsed ? [lastUsed] : [])];
    this.#sent = new Set(lines.filter(wasSent));
  }

  readonly sending = (candidate: number): void => {
    const line = this.#plan.lines[this.#plan.order[candidate] ?? -1];
    if (line === undefined || this.#sent.has(line)) return;
    this.#sent.add(line);
    this.#file.mark(line, 'given');
  };

  /**
   * If a later line opened the door, those before it were used and the confirmation was lost. If several lines may have
   * opened it, only the first is certain; the others are sent again, which is harmless for a used line.
   */
  readonly opened = (candidates: readonly number[]): readonly Again[] => {
    const { lines, order, left } = this.#plan;
    const count = 1 + Math.min(...candidates.map((candidate) => order[candidate] ?? -1));
    const used = lines.slice(0, count);
    const isMarked = used.every((line) => this.#file.mark(line, 'used'));
    if (!isMarked) this.#warn(`${this.#name}: the used sequence could not be marked`);
    const end = lines.findLastIndex((line) => this.#sent.has(line)) + 1;
    const again = lines.slice(count, end).slice(0, MAX_AGAIN);
    const spent = [...used, ...again].filter(({ text }) => text[0] !== MARKS.again).length;
    if (left - spent < FEW) this.#warn(`${this.#name}: ${remaining(left - spent)}`);
    return again.map((line) => ({ steps: line.steps, sent: () => void this.#file.mark(line, 'again') }));
  };

  readonly release = (): void => {
    if (this.#released) return;
    this.#released = true;
    this.#file.sync();
    this.#lock.release();
  };
}

function remaining(count: number): string {
  if (count === 0) return 'no one-time sequence is left: the next login needs new ones';
  return count === 1 ? 'one one-time sequence is left' : `${count} one-time sequences are left`;
}

function noneLeft(name: string, { where }: Names): KnockproxyError {
  return new KnockproxyError(`${where}: no one-time sequence is left in ${printable(name)}`, {
    exitCode: 2,
    hints: [
      'create new ones, and copy them to the server too; ' +
        'the last line of a file is never sent, because knockd 0.8 crashes when it is used',
    ],
  });
}

function busy({ where }: Names): KnockproxyError {
  return new KnockproxyError(`${where}: another knockproxy is using the one-time sequences`);
}

function noLock(folder: string, { where }: Names): KnockproxyError {
  return new KnockproxyError(
    `${where}: the lock of the one-time sequences cannot be created in ${printable(folder)}`,
    {
      hints: ['set XDG_RUNTIME_DIR to a directory that only you can use, with a path of at most 60 bytes'],
    },
  );
}
