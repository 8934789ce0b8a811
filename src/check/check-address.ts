import type { Door } from '../config/settings.ts';
import type { HistoryStore } from '../coordination/history-store.ts';
import { MAX_LOCK_WAIT_MS, takeKnockLock } from '../coordination/knock-lock.ts';
import { lockPaths } from '../coordination/lock-paths.ts';
import { AttemptBudget } from '../login/attempt-limits.ts';
import { isOpenInVain, knocksToClose, sequenceOf } from '../login/behind-door.ts';
import { send } from '../login/close-door.ts';
import type { Answers } from '../login/refused-after-silence.ts';
import { sendAgain } from '../login/send-again.ts';
import type { Target } from '../network/resolve.ts';
import type { History } from '../plan/history.ts';
import type { Sequence } from '../plan/sequence.ts';
import type { Obtained } from '../secrets/obtained-sequences.ts';
import { KnockproxyError } from '../util/errors.ts';
import { readBanner } from './banner.ts';
import { type AddressFinding, isOpen } from './findings.ts';
import { MOST_TRIES, type OpenResult, openAddress } from './open-address.ts';
import { probe } from './probe.ts';
import { routeTo } from './route.ts';
import {
  tellBanner,
  tellBefore,
  tellClosed,
  tellClosing,
  tellKnocking,
  tellOpened,
  tellRefusal,
  tellRoute,
  tellTurn,
} from './step-texts.ts';
import type { Steps } from './steps.ts';

export interface AddressRequest {
  readonly target: Target;
  readonly door: Door;
  readonly obtained: Obtained;
  readonly limitMs: number;
  readonly state: HistoryStore;
  readonly steps: Steps;
}

/** An opening within this time explains an open port, in milliseconds. */
const RECENTLY_MS = 60_000;

type Base = Pick<AddressFinding, 'address' | 'family' | 'port'> & { localAddress?: string };

/** The story of one address: is there a way, is the port shut, does the knock open it, does ssh answer. */
export async function checkAddress(request: AddressRequest): Promise<AddressFinding> {
  const { target, state, steps } = request;
  const { address, family, port } = target;
  const route = await routeTo(target);
  tellRoute(steps, target, route);
  const { localAddress } = route;
  const base: Base = { address, family, port, ...(localAddress !== undefined && { localAddress }) };
  if (route.code !== undefined) return { ...base, before: 'no-route' };
  const memory = state.load(target);
  const { answer: before, socket, answers } = await probe(target);
  const agoMs = Date.now() - memory.openedAt;
  const recently = agoMs >= 0 && agoMs < RECENTLY_MS ? { openedSecondsAgo: Math.round(agoMs / 1000) } : {};
  tellBefore(steps, target, before, recently.openedSecondsAgo);
  const finding = { ...base, before, ...(before === 'open' && recently) };
  if (socket !== undefined) {
    const banner = await readBanner(socket);
    tellBanner(steps, target, banner);
    return { ...finding, banner };
  }
  if (before === 'no-route') return finding;
  // A one-time sequence is not used up for a door that is still open.
  const isWasted = request.door.source.kind === 'one-time' && isOpenInVain(answers, memory, Date.now());
  if (isWasted) return { ...finding, after: 'refused', nothingListens: true };
  return knockInTurn(request, finding, { memory, answers });
}

/** What is known before the first knock. */
interface Known {
  readonly memory: History;
  /** What connects were answered. */
  readonly answers: Answers;
}

/** Two processes that knock at once break each other's sequences. */
async function knockInTurn(
  request: AddressRequest,
  finding: AddressFinding,
  known: Known,
): Promise<AddressFinding> {
  const { target, state, steps } = request;
  const place = lockPaths(target, state);
  const taken = await takeKnockLock({ file: place.lockFile, waitMs: MAX_LOCK_WAIT_MS });
  if (taken.kind === 'opened') tellTurn(steps, target);
  let opened: string | undefined;
  try {
    const result = await knock(request, finding, known);
    if (isOpen(result)) opened = place.doorName;
    return result;
  } finally {
    if (taken.kind !== 'opened') taken.lock.release(opened);
  }
}

async function knock(
  request: AddressRequest,
  finding: AddressFinding,
  { memory, answers }: Known,
): Promise<AddressFinding> {
  const { target, door, obtained, steps, state, limitMs } = request;
  const sequences: Sequence[] = obtained.candidates.map((candidate) => sequenceOf(door, candidate));
  const budget = new AttemptBudget(MOST_TRIES, knocksToClose(door));
  tellKnocking(steps, target, sequences[0]!.steps.length);
  let result: OpenResult;
  try {
    // A person who checks gets all tries, however many logins have failed.
    const patient = { ...memory, failedLogins: 0 };
    const more = { answers, sending: obtained.sending, before: finding.before, limitMs, budget };
    result = await openAddress({ target, memory: patient, sequences, ...more });
  } catch (error) {
    if (!(error instanceof KnockproxyError)) throw error;
    tellRefusal(steps, target, error);
    return { ...finding, refusal: { text: error.message, hints: error.hints } };
  }
  tellOpened(steps, target, result);
  if (result.memory !== undefined) state.save(target, result.memory);
  if (result.sequences !== undefined) {
    const again = obtained.opened?.(result.sequences) ?? [];
    const at = { ...target, memory: result.memory ?? memory };
    await sendAgain({ target: at, again, sequenceOf: (steps) => sequenceOf(door, steps), budget });
  }
  return finish(request, finding, result, budget);
}

/** Of an open port the banner; then the door is closed. */
async function finish(
  { target, door, steps, state }: AddressRequest,
  finding: AddressFinding,
  { after, knocked, socket, openMs, sequences }: OpenResult,
  budget: AttemptBudget,
): Promise<AddressFinding> {
  const nothingListens = after === 'refused' && sequences !== undefined;
  const opened = { ...(openMs !== undefined && { openMs }), ...(nothingListens && { nothingListens }) };
  const found = { ...finding, after, knocked, ...opened };
  const banner = socket && (await readBanner(socket));
  if (banner) tellBanner(steps, target, banner);
  const reported = { ...found, ...(banner && { banner }) };
  const { closeSteps, delayMs } = door;
  if (closeSteps === undefined) return reported;
  const delay = delayMs === undefined ? {} : { delayMs };
  const times = budget.takeMore(after === 'open' || nothingListens ? knocked.tries : 1, knocksToClose(door));
  tellClosing(steps, target, times);
  try {
    await send({ target, steps: closeSteps, times, ...delay, ...lockPaths(target, state) });
  } catch (error) {
    if (!(error instanceof KnockproxyError)) throw error;
    tellRefusal(steps, target, error);
  }
  const last = await probe(target);
  last.socket?.destroy();
  const closed = last.answer !== 'open';
  if (banner) tellClosed(steps, target, closed);
  return { ...reported, ...(banner && { closed }) };
}
