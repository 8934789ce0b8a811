import { nowMs } from '../util/clock.ts';
import { TraceRecorder } from './trace-recorder.ts';

/** A step of a check, as printed. */
export interface CheckStep {
  readonly name: string;
  /** The address it is about. */
  readonly address?: string;
  readonly status: 'ok' | 'note' | 'warning' | 'failed';
  readonly text: string;
  /** From the start of the check. */
  readonly startMs: number;
  readonly tookMs: number;
}

/** Collects steps, reports each when it ends, and records when what was sent. */
export class Steps {
  readonly all: CheckStep[] = [];
  readonly recorder = new TraceRecorder(() => this.elapsedMs);
  readonly #startedMs = nowMs();
  readonly #onStep: (step: CheckStep) => void;
  #nextMs = 0;

  constructor(onStep: (step: CheckStep) => void) {
    this.#onStep = onStep;
  }

  /** Since the start of the check. */
  get elapsedMs(): number {
    return nowMs() - this.#startedMs;
  }

  /** Records how long a phase takes, whether it fails or not. */
  async phase<T>(name: string, run: () => Promise<T>): Promise<T> {
    const fromMs = this.elapsedMs;
    try {
      return await run();
    } finally {
      this.recorder.phase(name, { fromMs, toMs: this.elapsedMs });
    }
  }

  /** Adds a step that started when the previous one ended. */
  add(step: Pick<CheckStep, 'name' | 'address' | 'status' | 'text'>): void {
    const endMs = this.elapsedMs;
    const timed = { ...step, startMs: Math.round(this.#nextMs), tookMs: Math.round(endMs - this.#nextMs) };
    this.#nextMs = endMs;
    this.all.push(timed);
    this.#onStep(timed);
  }
}

const MARKS = { ok: 'ok', note: 'note', warning: 'WARN', failed: 'FAIL' };
const NAME_WIDTH = 7;

/** The line for a step: when it ended, its status and its result. */
export function stepLine({ name, address, status, text, startMs, tookMs }: CheckStep): string {
  const at = `${((startMs + tookMs) / 1000).toFixed(2)} s`.padStart(8);
  const about = address === undefined ? '' : `${address}: `;
  return `${at}  ${MARKS[status].padEnd(4)}  ${name.padEnd(NAME_WIDTH)}  ${about}${text}`;
}
