import path from 'node:path';

/** What a ping command depends on. */
interface Ping {
  readonly platform: NodeJS.Platform;
  readonly family: 4 | 6;
  /** A literal address, perhaps with a zone. */
  readonly address: string;
  /** The source address; undefined: chosen by the kernel. */
  readonly localAddress?: string | undefined;
  /** Data bytes, without headers. */
  readonly size: number;
}

/** Where ping is on systems whose PATH of an ordinary user lacks it (macOS, NetBSD: /sbin). */
const USUAL_FOLDERS = ['/bin', '/usr/bin', '/sbin', '/usr/sbin'];

/** The name of the program: BSD and macOS have another one for IPv6. */
export function pingName({ platform, family }: Pick<Ping, 'platform' | 'family'>): string {
  return family === 6 && !ONE_PROGRAM.includes(platform) ? 'ping6' : 'ping';
}

const ONE_PROGRAM: readonly NodeJS.Platform[] = ['linux', 'android', 'win32'];

/**
 * The folders to search, in order. @param searchPath $PATH
 */
export function pingFolders(searchPath: string): string[] {
  return [...searchPath.split(path.delimiter).filter(path.isAbsolute), ...USUAL_FOLDERS];
}

/**
 * The arguments for one echo request without a name lookup. The time limit only bounds a ping that outlives this process.
 * They agree between iputils, busybox and inetutils on Linux, and between the BSDs and macOS.
 */
export function pingArguments({ platform, family, address, localAddress, size }: Ping): string[] {
  const from = (option: string) => (localAddress === undefined ? [] : [option, localAddress]);
  if (platform === 'win32') {
    return [`-${family}`, '-n', '1', '-l', `${size}`, '-w', '1000', ...from('-S'), address];
  }
  const once = ['-n', '-c', '1', '-s', `${size}`];
  if (ONE_PROGRAM.includes(platform)) {
    return [...(family === 6 ? ['-6'] : []), ...once, '-W', '1', ...from('-I'), address];
  }
  // Milliseconds there; ping6 and the others have no such option, or another one.
  const limit = family === 4 && (platform === 'darwin' || platform === 'freebsd') ? ['-W', '1000'] : [];
  const source = platform === 'openbsd' || platform === 'netbsd' ? '-I' : '-S';
  return [...once, ...limit, ...from(source), address];
}
