import path from 'node:path';
import type { Names } from './obtained-sequences.ts';
import { expandNames } from './percent-tokens.ts';

/**
 * Expands a path as configured: `~` and `~/` are the home directory, %h %n %p %r %% are as in ProxyCommand. A relative
 * path is relative to ~/.ssh, as in ssh's Include.
 *
 * @throws KnockproxyError for any other token, and for a value that would select another folder.
 */
export function expandPath(text: string, names: Names, home: string): string {
  const isHome = text === '~' || text.startsWith('~/');
  const expanded = expandNames(isHome ? text.slice(1) : text, names, 'the path');
  return isHome ? path.join(home, expanded) : path.resolve(home, '.ssh', expanded);
}
