import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { mustRun } from './run.ts';

/** One bed's key pairs: the server's host key and the user's own. Paths are of the private keys. */
export interface Keys {
  host: string;
  user: string;
  /** Knows the server's key under every name. */
  knownHosts: string;
  authorized: string;
}

/** Where keys of a bed are; makeKeys() must have run before they are read. */
export function keyPaths(dir: string): Keys {
  return {
    host: join(dir, 'host_key'),
    user: join(dir, 'user_key'),
    knownHosts: join(dir, 'known_hosts'),
    authorized: join(dir, 'user_key.pub'),
  };
}

export async function makeKeys(keys: Keys): Promise<void> {
  await Promise.all(
    [keys.host, keys.user].map((path) =>
      mustRun(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', 'bed', '-f', path]),
    ),
  );
}

/** The line of known_hosts that makes ssh trust the server by any name. */
export function knownHostsLine(keys: Keys): string {
  return `* ${readFileSync(`${keys.host}.pub`, 'utf8')}`;
}
