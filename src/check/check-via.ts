import { nowMs } from '../util/clock.ts';
import type { KnockproxyError } from '../util/errors.ts';
import { printable } from '../util/log.ts';
import { loginVia } from '../via/login-via.ts';
import type { ViaLogin } from '../via/via-login.ts';
import { readBanner } from './banner.ts';
import type { Findings } from './findings.ts';
import { bannerText, tellFailure } from './step-texts.ts';
import type { Steps } from './steps.ts';

/** Logs in as ssh does through the host of KnockVia, as far as the banner: the door sees only that host. */
export async function checkVia(
  login: Omit<ViaLogin, 'onReady'>,
  steps: Steps,
): Promise<Pick<Findings, 'addresses' | 'unreadable' | 'behindVia'>> {
  let isReady = false;
  const onReady = (tool: string) => {
    isReady = true;
    const text = `logged in on ${printable(login.place.via)}, where ${tool} sends the knocks`;
    steps.add({ name: 'via', status: 'ok', text });
  };
  const startedMs = nowMs();
  try {
    const { socket, afterHandover } = await loginVia({ ...login, onReady });
    const text = `port ${login.names.port} answers ${Math.round(nowMs() - startedMs)} ms after the start`;
    steps.add({ name: 'knock', status: 'ok', text });
    const banner = await readBanner(socket);
    await afterHandover();
    const [status, said] = [
      banner.kind === 'ssh' ? ('ok' as const) : ('failed' as const),
      bannerText(banner),
    ];
    steps.add({ name: 'banner', status, text: said });
    if (banner.kind === 'ssh') return { addresses: [] };
    return { addresses: [], behindVia: { class: 'no-banner', text: said, hints: [] } };
  } catch (error) {
    const failure = tellFailure(steps, isReady ? 'knock' : 'via', error);
    if (!isReady || (error as KnockproxyError).exitCode === 2) return { addresses: [], unreadable: failure };
    const isRefused = failure.text.endsWith('refused');
    return { addresses: [], behindVia: { class: isRefused ? 'refused' : 'silent', ...failure } };
  }
}
