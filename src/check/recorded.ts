import type net from 'node:net';
import { type Closing, send } from '../login/close-door.ts';
import type { Target } from '../network/resolve.ts';
import { readBanner } from './banner.ts';
import type { Banner } from './findings.ts';
import { type Probed, probe } from './probe.ts';
import { bannerText } from './step-texts.ts';
import type { Steps } from './steps.ts';

/** probe(), with its time in the picture. */
export async function recordedProbe(
  target: Target,
  when: 'before' | 'after',
  { recorder }: Steps,
): Promise<Probed> {
  const [probed, time] = await recorder.time(() => probe(target));
  recorder.note({ [when]: { ...time, answer: probed.answer } });
  return probed;
}

/** readBanner(), with its time in the picture. */
export async function recordedBanner(socket: net.Socket, { recorder }: Steps): Promise<Banner> {
  const [banner, time] = await recorder.time(() => readBanner(socket));
  recorder.note({ banner: { ...time, isSsh: banner.kind === 'ssh', text: bannerText(banner) } });
  return banner;
}

/** Sends the close sequence, with its time in the picture. @throws as send() */
export async function recordedClosing(closing: Closing, { recorder }: Steps): Promise<void> {
  const [, time] = await recorder.time(() => send(closing));
  recorder.note({ closing: time });
}
