import { expandPercent } from '../ssh-config/expand.ts';
import { configError } from '../util/errors.ts';
import { PASS_NAMES } from '../util/names.ts';
import type { Names } from './obtained-sequences.ts';

/**
 * Expands %h %n %p %r %% in one word. Refuses a value that is `.` or `..` or has a slash or a control character.
 *
 * @param what the word, for messages: `the path`.
 * @param refuse a further check: the reason to refuse a value, if any.
 * @throws KnockproxyError (exit status 2) for any other token, an unknown user, or a refused value.
 */
export function expandNames(
  text: string,
  names: Names,
  what: string,
  refuse: (value: string) => string | undefined = () => undefined,
): string {
  const values: Record<string, string> = {
    h: names.host,
    n: names.alias,
    p: String(names.port),
    r: names.user,
  };
  const expanded = expandPercent(text, (letter) => {
    const value = Object.hasOwn(values, letter) ? values[letter]! : undefined;
    if (value === '')
      throw configError(names.where, `${what} uses %${letter}, but its value was not passed`, PASS_NAMES);
    const reason = value && (refuse(value) ?? pathFault(value));
    if (reason) throw configError(names.where, `${what}: the value of %${letter} ${reason}`);
    return value;
  });
  if (expanded !== undefined) return expanded;
  throw configError(names.where, `${what} has an unknown token`, 'the tokens are %h, %n, %p, %r and %%');
}

/** A name must not select a folder. A backslash is a separator on Windows only: elsewhere `DOMAIN\user` is a name. */
function pathFault(value: string): string | undefined {
  if (value === '.' || value === '..') return 'is a directory';
  if (value.includes('/') || (process.platform === 'win32' && value.includes('\\')))
    return 'contains a slash';
  return /\p{Cc}/u.test(value) ? 'contains a control character' : undefined;
}
