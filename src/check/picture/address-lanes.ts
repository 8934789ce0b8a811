import type { Bar, Lane, Point } from './lane.ts';
import type { AddressTrace, ConnectSpan, SentKnock } from './trace.ts';

/** Connects that overlap in time have lanes of their own, at most so many. */
const MOST_CONNECT_LANES = 4;
/** An answer that takes longer is the answer to a SYN that the kernel sent again. */
const RESENT_MS = 950;

/** The lanes of one address. @param endMs of the picture. */
export function addressLanes(address: AddressTrace, endMs: number): Lane[] {
  const { before, knocks, connects, banner, closing, after } = address;
  return [
    ...(before === undefined ? [] : [lane('before', [connectBar(before)], `${before.answer} before`)]),
    ...(knocks.length === 0 ? [] : [knockLane(knocks)]),
    ...connectLanes(connects),
    ...openLane(address, endMs),
    ...(banner === undefined
      ? []
      : [
          lane(
            'banner',
            [{ ...banner, style: banner.isSsh ? 'banner' : 'refused' }],
            banner.text.replace(/^(SSH-\S+).*/, '$1'),
          ),
        ]),
    ...(closing === undefined ? [] : [lane('close', [{ ...closing, style: 'close' }], 'close sequence')]),
    ...(after === undefined ? [] : [lane('after', [connectBar(after)], afterNote(after))]),
  ];
}

function lane(label: string, bars: readonly Bar[], note: string): Lane {
  return { label, bars, points: [], note };
}

function connectBar({ fromMs, toMs, answer }: ConnectSpan): Bar {
  const style = answer === 'open' ? 'entered' : answer === 'silent' ? 'silent' : 'refused';
  return { style, fromMs, toMs };
}

function afterNote({ answer }: ConnectSpan): string {
  return answer === 'open' ? 'still open' : 'closed again';
}

function knockLane(knocks: readonly SentKnock[]): Lane {
  const attempts = Math.max(...knocks.map(({ attempt }) => attempt));
  const points = knocks.map(({ atMs, number, attempt }): Point => {
    const name = attempts === 1 ? `knock ${number}` : `attempt ${attempt}, knock ${number}`;
    return { style: 'knock', atMs, name, sign: attempts === 1 && number < 10 ? String(number) : '|' };
  });
  const note = attempts === 1 ? count(knocks.length, 'knock') : `${knocks.length} in ${attempts} attempts`;
  return { label: 'knocks', bars: [], points, note };
}

/** As few lanes as keep connects apart; all marks of more than MOST_CONNECT_LANES are in the last. */
function connectLanes(connects: readonly ConnectSpan[]): Lane[] {
  const lanes: ConnectSpan[][] = [];
  for (const connect of connects) {
    const free = lanes.find((others) => others.at(-1)!.toMs <= connect.fromMs);
    if (free !== undefined) free.push(connect);
    else if (lanes.length < MOST_CONNECT_LANES) lanes.push([connect]);
    else lanes.at(-1)!.push(connect);
  }
  return lanes.map((own, index) =>
    lane(index === 0 ? 'connects' : '', own.map(connectBar), index === 0 ? connectNote(connects) : ''),
  );
}

function connectNote(connects: readonly ConnectSpan[]): string {
  const winner = connects.findIndex(({ answer }) => answer === 'open');
  if (winner >= 0)
    return connects.length === 1 ? 'gets in' : `number ${winner + 1} of ${connects.length} gets in`;
  const answers = new Set(connects.map(({ answer }) => answer).filter((answer) => answer !== 'silent'));
  return `${count(connects.length, 'connect')}, ${[...answers].join(', ') || 'no answer'}`;
}

/** From when the door was certainly open, and from when it may have been. */
function openLane(address: AddressTrace, endMs: number): Lane[] {
  const { before, connects, knocks, closing, after, nothingListens = false } = address;
  const isClosed = closing !== undefined && after?.answer !== 'open';
  const toMs = isClosed ? closing.toMs : endMs;
  const goesOn = isClosed ? {} : { goesOn: true };
  if (before?.answer === 'open')
    return [lane('open', [{ style: 'open', fromMs: before.fromMs, toMs, ...goesOn }], 'without a knock')];
  const winner = connects.find(({ answer }) => answer === (nothingListens ? 'refused' : 'open'));
  if (winner === undefined) return [];
  const fromMs = winner.toMs - winner.fromMs > RESENT_MS ? winner.toMs : winner.fromMs;
  const shutAt = [...knocks.map(({ atMs }) => atMs), ...connects.map((connect) => connect.fromMs)];
  const knockedMs = Math.max(0, ...knocks.map(({ atMs }) => atMs).filter((ms) => ms <= winner.fromMs));
  const maybeMs = Math.max(0, ...shutAt.filter((ms) => ms < fromMs));
  const bars: Bar[] = [
    ...(maybeMs < fromMs ? [{ style: 'maybe' as const, fromMs: maybeMs, toMs: fromMs }] : []),
    { style: 'open', fromMs, toMs: Math.max(fromMs, toMs), ...goesOn },
  ];
  const what = nothingListens ? 'nothing listens' : `after ${Math.round(winner.toMs - knockedMs)} ms`;
  return [lane('open', bars, what)];
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
