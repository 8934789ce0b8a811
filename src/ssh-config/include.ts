import { expandDollar, expandPercent } from './expand.ts';
import { glob } from './glob.ts';
import type { LoadContext } from './read-file.ts';
import type { FileKind } from './types.ts';
import { isModern } from './version.ts';

/** How deep Includes may be nested (READCONF_MAX_DEPTH of readconf.c). */
export const MAX_DEPTH = 16;

/** The files that one word of an Include line names (readconf.c, case oInclude), bytes as latin1. */
export function includedPaths(word: string, kind: FileKind, context: LoadContext): string[] {
  return glob(includePattern(word, kind, context), context.system);
}

/** A relative path is in ~/.ssh or /etc/ssh; `~` is allowed only in a user's file. */
function includePattern(word: string, kind: FileKind, context: LoadContext): string {
  const path = /%|\$\{/.test(word) && isModern(context.system) ? expandPath(word, context) : word;
  if (path.startsWith('/')) return path;
  if (kind === 'system') return path.startsWith('~') ? '' : `/etc/ssh/${path}`;
  return path.startsWith('~') ? path : `~/.ssh/${path}`;
}

function expandPath(word: string, { token, system }: LoadContext): string {
  const dollars = expandDollar(word, (name) => system.env(name));
  return (dollars !== undefined && expandPercent(dollars, token)) || word;
}
