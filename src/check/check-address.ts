import type { Door } from '../config/settings.ts';
import type { HistoryStore } from '../coordination/history-store.ts';
import { MAX_LOCK_WAIT_MS, takeKnockLock } from '../coordination/knock-lock.ts';
import { lockPaths } from '../coordination/lock-paths.ts';
import type { EarlierConnects } from '../login/address-context.ts';
import { isOpenInVain } from '../login/behind-door.ts';
import { knocksToClose, sequenceOf } from '../login/door-sequence.ts';
import { realEnvironment } from '../login/environment.ts';
import { KnockBudget } from '../login/knock-budget.ts';
import { sendAgain } from '../login/send-again.ts';
import { realNetwork } from '../network/network.ts';
import type { Target } from '../network/resolve.ts';
import { type History, isWithin } from '../plan/history.ts';
import type { Sequence } from '../plan/sequence.ts';
import type { Obtained } from '../secrets/obtained-sequences.ts';
import { sleep } from '../util/clock.ts';
import { KnockproxyError } from '../util/errors.ts';
import { type AddressFinding, isOpen } from './findings.ts';
import { isMissingOnLink } from './missing-on-link.ts';
import { type OpenResult, openAddress } from './open-address.ts';
import { recordedBanner, recordedClosing, recordedProbe } from './recorded.ts';
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
  tellWait,
} from './step-texts.ts';
import type { Steps } from './steps.ts';

interface AddressRequest {
  readonly target: Target;
  readonly door: Door;
  readonly obtained: Obtained;
  readonly limitMs: number;
  readonly state: HistoryStore;
  readonly steps: Steps;
  /** Wait until a minute after the last opening. */
  readonly waits: boolean;
}

/** An opening within this time explains an open port, in milliseconds. */
const RECENTLY_MS = 60_000;

type Base = Pick<AddressFinding, 'address' | 'family' | 'port'> & { localAddress?: string };

/** The story of one address: is there a way, is the port shut, does the knock open it, does ssh answer. */
export async function checkAddress(request: AddressRequest): Promise<AddressFinding> {
  const { target, state, steps } = request;
  const { address, family, port } = target;
  if (request.waits) await waitForClosing(target, state.load(target), steps);
  steps.recorder.begin(target);
  const route = await routeTo(target);
  tellRoute(steps, target, route);
  const { localAddress } = route;
  const base: Base = { address, family, port, ...(localAddress !== undefined && { localAddress }) };
  if (route.code !== undefined) return { ...base, before: 'no-route' };
  const history = state.load(target);
  const { answer: before, socket, ...earlier } = await recordedProbe(target, 'before', steps);
  const agoMs = openedAgoMs(history);
  const recently = agoMs === undefined ? {} : { openedSecondsAgo: Math.round(agoMs / 1000) };
  tellBefore(steps, target, before, recently.openedSecondsAgo);
  const finding = { ...base, before, ...(before === 'open' && recently) };
  if (socket !== undefined) {
    const banner = await recordedBanner(socket, steps);
    tellBanner(steps, target, banner);
    return { ...finding, banner };
  }
  if (before === 'no-route') return finding;
  // A one-time sequence is not used up for a door that is still open.
  const isWasted =
    request.door.source.kind === 'one-time' && isOpenInVain(earlier.answers, history, Date.now());
  if (isWasted) return { ...finding, after: 'refused', nothingListens: true };
  return knockInTurn(request, finding, { history, before: earlier });
}

/** How long ago this machine opened the door, in milliseconds; undefined: not within the last minute. */
function openedAgoMs({ openedAt }: History): number | undefined {
  const now = Date.now();
  return isWithin(RECENTLY_MS, openedAt, now) ? now - openedAt : undefined;
}

async function waitForClosing(target: Target, history: History, steps: Steps): Promise<void> {
  const agoMs = openedAgoMs(history);
  if (agoMs === undefined) return;
  tellWait(steps, target, agoMs, RECENTLY_MS - agoMs);
  await sleep(RECENTLY_MS - agoMs);
}

/** What is known before the first knock. */
interface Known {
  readonly history: History;
  readonly before: EarlierConnects;
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
  { history, before }: Known,
): Promise<AddressFinding> {
  const { target, door, obtained, steps, state, limitMs } = request;
  const sequences: Sequence[] = obtained.candidates.map((candidate) => sequenceOf(door, candidate));
  const budget = new KnockBudget(knocksToClose(door));
  tellKnocking(steps, target, sequences[0]!.steps.length);
  let result: OpenResult;
  try {
    const more = { before, answered: finding.before, sending: obtained.sending, limitMs, budget };
    const { mostConnects } = door;
    const connects = mostConnects === undefined ? {} : { mostConnects };
    const environment = { ...realEnvironment, network: steps.recorder.record(realNetwork) };
    const { kind } = door.source;
    result = await openAddress({ kind, target, history, sequences, ...more, ...connects, environment });
  } catch (error) {
    if (!(error instanceof KnockproxyError)) throw error;
    tellRefusal(steps, target, error);
    return { ...finding, refusal: { text: error.message, hints: error.hints } };
  }
  tellOpened(steps, target, result);
  state.save(target, result.history);
  if (result.sequences !== undefined) {
    const again = obtained.opened?.(result.sequences) ?? [];
    const at = { ...target, history: result.history };
    await sendAgain({ target: at, again, sequenceOf: (steps) => sequenceOf(door, steps), budget });
  }
  return finish(request, finding, result, budget);
}

/** Of an open port the banner; then the door is closed. */
async function finish(
  { target, door, steps, state }: AddressRequest,
  finding: AddressFinding,
  { after, knocked, isLimited, socket, openMs, sequences }: OpenResult,
  budget: KnockBudget,
): Promise<AddressFinding> {
  const nothingListens = after === 'refused' && sequences !== undefined;
  steps.recorder.note({ nothingListens });
  const opened = { ...(openMs !== undefined && { openMs }), ...(nothingListens && { nothingListens }) };
  const isMissing = after !== 'open' && !nothingListens && (await isMissingOnLink(target));
  const why = { ...(isLimited && { isLimited }), ...(isMissing && { isMissing }) };
  const found = { ...finding, after, knocked, ...why, ...opened };
  const banner = socket && (await recordedBanner(socket, steps));
  if (banner) tellBanner(steps, target, banner);
  const reported = { ...found, ...(banner && { banner }) };
  const { closeSteps, delayMs } = door;
  if (closeSteps === undefined) return reported;
  const delay = delayMs === undefined ? {} : { delayMs };
  const times = budget.takeMore(
    after === 'open' || nothingListens ? knocked.attempts : 1,
    knocksToClose(door),
  );
  tellClosing(steps, target, times);
  try {
    const closing = { target, steps: closeSteps, times, ...delay, ...lockPaths(target, state) };
    await recordedClosing(closing, steps);
  } catch (error) {
    if (!(error instanceof KnockproxyError)) throw error;
    tellRefusal(steps, target, error);
  }
  const last = await recordedProbe(target, 'after', steps);
  last.socket?.destroy();
  const closed = last.answer !== 'open';
  if (banner) tellClosed(steps, target, closed);
  return { ...reported, ...(banner && { closed }) };
}
