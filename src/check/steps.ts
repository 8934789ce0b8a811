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

/** Collects steps and reports each when it ends. */
export class Steps {
  readonly all: CheckStep[] = [];
  readonly #startedMs = performance.now();
  readonly #onStep: (step: CheckStep) => void;
  #nextMs = 0;

  constructor(onStep: (step: CheckStep) => void) {
    this.#onStep = onStep;
  }

  /** Adds a step that started when the previous one ended. */
  add(step: Pick<CheckStep, 'name' | 'address' | 'status' | 'text'>): void {
    const nowMs = performance.now() - this.#startedMs;
    const timed = { ...step, startMs: Math.round(this.#nextMs), tookMs: Math.round(nowMs - this.#nextMs) };
    this.#nextMs = nowMs;
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

const BAR_WIDTH = 48;
/** Shorter steps are left out of the timeline. */
const MIN_MS = 1;

/** A bar for each step, to scale. */
export function timeline(steps: readonly CheckStep[]): string[] {
  const totalMs = Math.max(1, ...steps.map(({ startMs, tookMs }) => startMs + tookMs));
  return steps
    .filter(({ tookMs }) => tookMs >= MIN_MS)
    .map(({ name, startMs, tookMs, address }) => {
      const from = Math.min(BAR_WIDTH - 1, Math.floor((startMs / totalMs) * BAR_WIDTH));
      const length = Math.max(1, Math.round((tookMs / totalMs) * BAR_WIDTH));
      const bar = `${' '.repeat(from)}${'#'.repeat(Math.min(length, BAR_WIDTH - from))}`;
      const about = address === undefined ? '' : `  ${address}`;
      return `${name.padEnd(NAME_WIDTH)} |${bar.padEnd(BAR_WIDTH)}| ${String(tookMs).padStart(5)} ms${about}`;
    });
}
