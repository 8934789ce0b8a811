import type net from 'node:net';
import { printable } from '../util/log.ts';
import type { Banner } from './findings.ts';

/** Even a loaded sshd sends its banner within this time. */
const BANNER_MS = 3000;
/** How long a server that has sent other lines has to send the banner. */
const OTHER_LINES_MS = 500;
/** Other lines may precede the banner (RFC 4253, section 4.2); OpenSSH has the same limit (sshconnect.c). */
const MAX_BYTES = 8192;

/** Reads the identification string of an SSH server, then closes the connection. Sends nothing. */
export function readBanner(socket: net.Socket, withinMs = BANNER_MS): Promise<Banner> {
  return new Promise((resolve) => {
    let text = '';
    const end = (banner: Banner) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(banner);
    };
    const endWithout = (banner: Banner) => end(text === '' ? banner : { kind: 'other' });
    let timer = setTimeout(() => endWithout({ kind: 'silent' }), withinMs);
    socket.on('error', () => endWithout({ kind: 'closed' }));
    socket.on('end', () => endWithout({ kind: 'closed' }));
    socket.on('close', () => endWithout({ kind: 'closed' }));
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      const [, banner] = /^(SSH-[^\r\n]*)\r?\n/m.exec(text) ?? [];
      if (banner !== undefined) end({ kind: 'ssh', text: printable(banner.slice(0, 255)) });
      else if (text.length > MAX_BYTES) end({ kind: 'other' });
      else if (!'SSH-'.startsWith(text.slice(0, 4))) {
        clearTimeout(timer);
        timer = setTimeout(() => end({ kind: 'other' }), OTHER_LINES_MS);
      }
    });
    socket.resume();
  });
}
