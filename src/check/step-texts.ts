import type { Target } from '../network/resolve.ts';
import { KnockproxyError } from '../util/errors.ts';
import type { Answer, Banner } from './findings.ts';
import type { OpenResult } from './open-address.ts';
import type { Route } from './route.ts';
import type { CheckStep, Steps } from './steps.ts';

/** The texts of the steps; they never contain a port of a sequence. */

export const ANSWERS: Record<Answer, string> = {
  open: 'open',
  refused: 'refused (RST, or ICMP port unreachable)',
  prohibited: 'prohibited or unreachable (ICMP)',
  'no-route': 'unreachable: no route',
  silent: 'silent',
};

/** Why a check ends early. */
interface CheckFailure {
  readonly text: string;
  readonly hints: readonly string[];
}

export function tellFailure(steps: Steps, name: string, error: unknown): CheckFailure {
  if (!(error instanceof KnockproxyError)) throw error;
  steps.add({ name, status: 'failed', text: error.message });
  return { text: error.message, hints: error.hints };
}

export function tellRoute(steps: Steps, { address }: Target, { code, localAddress }: Route): void {
  const text = code === undefined ? `leaving from ${localAddress}` : `no route (${code})`;
  steps.add({ name: 'route', address, status: code === undefined ? 'ok' : 'failed', text });
}

export function tellBefore(
  steps: Steps,
  { address, port }: Target,
  before: Answer,
  secondsAgo: number | undefined,
): void {
  const openAlready =
    secondsAgo === undefined
      ? 'open without a knock'
      : `open: this machine opened it ${secondsAgo} s ago, so no knock is necessary`;
  const text = before === 'open' ? openAlready : `${ANSWERS[before]} before the knock`;
  const status: CheckStep['status'] =
    before === 'silent' ? 'ok' : before === 'open' && secondsAgo === undefined ? 'warning' : 'note';
  steps.add({ name: 'before', address, status, text: `port ${port} is ${text}` });
}

/** @param agoMs how long ago the door was opened. */
export function tellWait(steps: Steps, { address, port }: Target, agoMs: number, waitMs: number): void {
  const [ago, wait] = [agoMs, waitMs].map((ms) => Math.round(ms / 1000));
  const text = `this machine opened port ${port} ${ago} s ago: waiting ${wait} s for the door to close`;
  steps.add({ name: 'wait', address, status: 'note', text });
}

export function tellTurn(steps: Steps, { address }: Target): void {
  steps.add({ name: 'turn', address, status: 'note', text: 'another process has just opened the door' });
}

export function tellKnocking(steps: Steps, { address, knockAddress }: Target, packets: number): void {
  const where = knockAddress === undefined ? '' : ` on ${knockAddress}`;
  const text = `knocking${where}: ${packets} ${packets === 1 ? 'packet' : 'packets'}, as a login does`;
  steps.add({ name: 'knock', address, status: 'note', text });
}

export function tellClosing(steps: Steps, { address }: Target, times: number): void {
  const text = `sending the close sequence ${times === 1 ? 'once' : `${times} times`}`;
  steps.add({ name: 'close', address, status: 'note', text });
}

export function tellOpened(steps: Steps, { address, port }: Target, result: OpenResult): void {
  const { after, knocked, openMs } = result;
  const sent = `${knocked.attempts} ${knocked.attempts === 1 ? 'sequence' : 'sequences'} sent`;
  const text =
    openMs === undefined
      ? `${sent}; port ${port} ${after === 'silent' ? 'stays silent' : `is ${ANSWERS[after]}`}`
      : `${sent}; port ${port} open ${Math.round(openMs)} ms after the last knock`;
  steps.add({ name: 'knock', address, status: after === 'open' ? 'ok' : 'failed', text });
}

export function tellRefusal(steps: Steps, { address }: Target, { message }: KnockproxyError): void {
  steps.add({ name: 'knock', address, status: 'failed', text: message });
}

export function tellBanner(steps: Steps, { address }: Target, banner: Banner): void {
  const text = bannerText(banner);
  steps.add({ name: 'banner', address, status: banner.kind === 'ssh' ? 'ok' : 'failed', text });
}

export function bannerText(banner: Banner): string {
  switch (banner.kind) {
    case 'ssh':
      return banner.text;
    case 'other':
      return 'the server does not speak SSH';
    case 'silent':
      return 'the server sends nothing';
    case 'closed':
      return 'the server closes the connection without sending anything';
  }
}

export function tellClosed(steps: Steps, { address, port }: Target, closed: boolean): void {
  const text = closed
    ? `port ${port} is closed again`
    : `port ${port} is still open after the close sequence`;
  steps.add({ name: 'close', address, status: closed ? 'ok' : 'warning', text });
}
