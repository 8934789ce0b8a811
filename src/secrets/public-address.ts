import type { WaitLimit } from '../network/look-up.ts';
import { isIPv4 } from '../plan/fwknop/fwknop-variables.ts';
import { nowMs } from '../util/clock.ts';
import { KnockproxyError } from '../util/errors.ts';
import { printable } from '../util/log.ts';

/** Such a service answers at once, in one line. */
const LIMIT_MS = 3000;
const MAX_BYTES = 1024;

/**
 * Requests this machine's public IPv4 address from a URL. Does not follow redirects.
 *
 * @param url http:// or https://; default http, as in fwknop (lib: resolve_ip_http).
 * @param where the line that names the URL, `FILE line N`, for messages.
 * @returns an IPv4 address.
 * @throws KnockproxyError after at most 3 s, naming only the host of the URL.
 */
export async function askOwnAddress(url: string, where: string, wait: WaitLimit = {}): Promise<string> {
  const parsed = parse(withScheme(url));
  if (parsed === null) throw failed(where, 'the resolve URL is not valid');
  const answer = await get(parsed, wait).catch((reason: string) => {
    wait.signal?.throwIfAborted();
    throw failed(where, `could not ask ${printable(parsed.hostname)} for the public address: ${reason}`);
  });
  const [word = ''] = answer.trim().split(/\s/, 1);
  if (isIPv4(word)) return word;
  throw failed(where, `the answer from ${printable(parsed.hostname)} does not begin with an IPv4 address`);
}

function withScheme(url: string): string {
  return /^https?:\/\//i.test(url) ? url : `http://${url}`;
}

function parse(url: string): URL | null {
  try {
    return new URL(url);
  } catch {
    return null;
  }
}

/** Rejects with the reason as text. */
async function get(url: URL, { deadlineMs = Number.POSITIVE_INFINITY, signal }: WaitLimit): Promise<string> {
  const client = url.protocol === 'https:' ? await import('node:https') : await import('node:http');
  const ms = Math.max(1, Math.min(LIMIT_MS, deadlineMs - nowMs()));
  return new Promise((resolve, reject) => {
    const release = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    };
    const end = (reason: string) => {
      release();
      request.destroy();
      reject(reason);
    };
    const onAbort = () => end('aborted');
    const timer = setTimeout(() => end(`no answer within ${Math.ceil(ms / 100) / 10} s`), ms);
    signal?.addEventListener('abort', onAbort, { once: true });
    const headers = { 'user-agent': 'knockproxy', accept: 'text/plain' };
    const request = client.get(url, { agent: false, family: 4, headers }, (response) => {
      if (response.statusCode !== 200) return end(`HTTP status ${response.statusCode}`);
      let text = '';
      response.setEncoding('latin1').on('data', (data: string) => {
        text += data;
        if (text.length > MAX_BYTES) end(`its answer is longer than ${MAX_BYTES} bytes`);
      });
      response.on('end', () => {
        release();
        resolve(text);
      });
    });
    request.on('error', (error: NodeJS.ErrnoException) => end(error.code ?? 'the connection was lost'));
  });
}

function failed(where: string, message: string): KnockproxyError {
  const hints = ['the URL must answer with your public IPv4 address; or use KnockSpaAllow source'];
  return new KnockproxyError(`${where}: ${message}`, { hints });
}
