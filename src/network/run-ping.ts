import { type ChildProcess, spawn } from 'node:child_process';
import { ChildGuard } from '../processes/child-guard.ts';
import { isSleeping } from '../processes/process-tree.ts';
import { nowMs, sleep } from '../util/clock.ts';
import { countEchoRequests } from './echo-counter.ts';

/**
 * How long ping has to send its packet where no counter shows it, in milliseconds: from the start of the process it took
 * 5-75 ms, on a busy machine.
 */
const UNSEEN_MS = 250;
/** The longest wait for the packet, in milliseconds: ping ends 1 s after it. */
const LONGEST_MS = 1500;
const POLL_MS = 1;

/**
 * Runs ping until its one packet has left, and ends it: the answer does not matter, and most doors send none.
 *
 * @param args for one packet.
 * @returns the code of the error with which this machine refuses to send it; `ping` if it is unknown.
 */
export async function runPing(
  program: string,
  args: readonly string[],
  family: 4 | 6,
): Promise<string | undefined> {
  // The channel on fd 1 is ssh's. Messages are matched below, so they must not be translated.
  const { NODE_CHANNEL_FD: _, ...env } = process.env;
  const guard = new ChildGuard();
  try {
    const before = countEchoRequests(family);
    const stdio = ['ignore', 'ignore', 'pipe'] as const;
    const child = guard.guard(
      spawn(program, args, { stdio: [...stdio], windowsHide: true, env: { ...env, LC_ALL: 'C' } }),
    );
    return refusal(await endOnceSent(child, before, family));
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'ping';
  } finally {
    guard.release();
  }
}

interface PingEnding {
  /** null: ended by a signal. */
  readonly status: number | null;
  readonly complaints: string;
}

async function endOnceSent(
  child: ChildProcess,
  before: number | undefined,
  family: 4 | 6,
): Promise<PingEnding> {
  const endMs = nowMs() + (before === undefined ? UNSEEN_MS : LONGEST_MS);
  let isOver = false;
  const over = () => {
    isOver = true;
  };
  const ending = endingOf(child);
  ending.then(over, over);
  // Counted, and ping waits for the answer: so the packet of another program is not taken for it.
  const isSent = () =>
    before !== undefined && countEchoRequests(family) !== before && isSleeping(child.pid ?? 0);
  while (!isOver && !isSent() && nowMs() < endMs) await sleep(POLL_MS);
  child.kill('SIGKILL');
  return ending;
}

/** Rejects if it could not be started. */
function endingOf(child: ChildProcess): Promise<PingEnding> {
  return new Promise((resolve, reject) => {
    let complaints = '';
    child.stderr?.setEncoding('latin1').on('data', (text: string) => {
      complaints += text;
    });
    child.on('error', reject).on('close', (status) => resolve({ status, complaints }));
  });
}

/** An error of sendmsg(2) does not end ping, one of socket(2) or bind(2) does. A warning is neither. */
function refusal({ status, complaints }: PingEnding): string | undefined {
  const known = CODES.find(([pattern]) => pattern.test(complaints));
  if (known !== undefined) return known[1];
  return status !== null && status !== 0 && /^(?!.*warning)./im.test(complaints) ? 'ping' : undefined;
}

const CODES = [
  [/unreachable|no route/i, 'ENETUNREACH'],
  [/cannot assign|can't assign|bind:/i, 'EADDRNOTAVAIL'],
] as const;
