import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bed } from '../../test/netns/index.ts';
import { programUnderTest } from './programs.ts';

/** What can stand between ssh and the network, and how it hands over. */
export interface Helper {
  readonly name: string;
  readonly way: 'direct' | 'pipe' | 'fdpass';
  /** A ProxyCommand with %h and %p; none for a direct connection. */
  readonly command?: string;
}

export const DIRECT = 'direct';
export const NC = 'nc';
export const RELAY = 'knockproxy relay';
export const FDPASS = 'knockproxy fdpass';

/** knockproxy without a door: the bytes take the same way as through one. */
export function helpers(bed: Bed): Helper[] {
  const config = join(bed.dir, 'no-door');
  writeFileSync(config, 'Host *\n    KnockSequence none\n', { mode: 0o600 });
  const knockproxy = `${process.execPath} ${programUnderTest()} -F /dev/null --knock-config ${config}`;
  return [
    { name: DIRECT, way: 'direct' },
    { name: NC, way: 'pipe', command: 'nc %h %p' },
    { name: 'ncat', way: 'pipe', command: 'ncat %h %p' },
    { name: 'socat', way: 'pipe', command: 'socat - TCP:%h:%p' },
    { name: RELAY, way: 'pipe', command: `${knockproxy} %h %p server root` },
    { name: FDPASS, way: 'fdpass', command: `${knockproxy} --fdpass %h %p server root` },
  ];
}

/** The command line for an address, as ssh would expand it. */
export function expandCommand(command: string, address: string, port: number): string[] {
  return command.replaceAll('%h', address).replaceAll('%p', String(port)).split(' ');
}
