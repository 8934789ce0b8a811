import path from 'node:path';
import type { Names } from './obtained.ts';
import { expandNames } from './percent-tokens.ts';

/**
 * A path as configured: `~` and `~/` are the home, %h %n %p %r %% what they are in ProxyCommand; what is not
 * absolute then is relative to ~/.ssh, like ssh's Include.
 *
 * @throws KnockproxyError for any other token, and for a value that would choose a folder.
 */
export function expandPath(text: string, names: Names, home: string): string {
  const isHome = text === '~' || text.startsWith('~/');
  const expanded = expandNames(isHome ? text.slice(1) : text, names, 'the path');
  return isHome ? path.join(home, expanded) : path.resolve(home, '.ssh', expanded);
}
