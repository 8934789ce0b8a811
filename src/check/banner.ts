import type net from 'node:net';
import { printable } from '../util/log.ts';
import type { Banner } from './findings.ts';

/** A loaded sshd takes its time; so long a silence is none of sshd's. In milliseconds. */
const BANNER_MS = 3000;
/** How long a server that says something else may take to come to it, in milliseconds. */
const OTHER_LINES_MS = 500;
/** RFC 4253, section 4.2: other lines may stand before it. OpenSSH gives up after as much (sshconnect.c). */
const MOST_BYTES = 8192;

/** Reads the identification string of an SSH server, then closes the connection. Sends nothing. */
export function readBanner(socket: net.Socket, withinMs = BANNER_MS): Promise<Banner> {
  return new Promise((resolve) => {
    let text = '';
    const end = (banner: Banner) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(banner);
    };
    const said = (otherwise: Banner) => end(text === '' ? otherwise : { kind: 'other' });
    let timer = setTimeout(() => said({ kind: 'silent' }), withinMs);
    socket.on('error', () => said({ kind: 'closed' }));
    socket.on('end', () => said({ kind: 'closed' }));
    socket.on('close', () => said({ kind: 'closed' }));
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      const [, banner] = /^(SSH-[^\r\n]*)\r?\n/m.exec(text) ?? [];
      if (banner !== undefined) end({ kind: 'ssh', text: printable(banner.slice(0, 255)) });
      else if (text.length > MOST_BYTES) end({ kind: 'other' });
      else if (!'SSH-'.startsWith(text.slice(0, 4))) {
        clearTimeout(timer);
        timer = setTimeout(() => end({ kind: 'other' }), OTHER_LINES_MS);
      }
    });
    socket.resume();
  });
}
