import { KnockproxyError } from '../errors.ts';
import { expandPercent } from '../ssh-config/expand.ts';
import type { Names } from './obtain.ts';

/**
 * Expands %h %n %p %r %% in one word.
 *
 * @param what the word, for messages: `the path`.
 * @param refuse why a value must not stand there, undefined when it may.
 * @throws KnockproxyError (exit status 2) for any other token, an unknown user, or a refused value.
 */
export function expandNames(
  text: string,
  names: Names,
  what: string,
  refuse: (value: string) => string | undefined,
): string {
  const values: Record<string, string> = {
    h: names.host,
    n: names.alias,
    p: String(names.port),
    r: names.user,
  };
  const expanded = expandPercent(text, (letter) => {
    const value = Object.hasOwn(values, letter) ? values[letter]! : undefined;
    if (value === '') throw refused(names, `${what} has %${letter}, which is not known`, PASS_ALL);
    const reason = value && refuse(value);
    if (reason) throw refused(names, `${what}: the value of %${letter} ${reason}`);
    return value;
  });
  if (expanded !== undefined) return expanded;
  throw refused(names, `${what} has an unknown token`, 'known are %h %n %p %r and %%');
}

const PASS_ALL = 'let ProxyCommand pass it: knockproxy %h %p %n %r';

function refused({ where }: Names, message: string, ...hints: string[]): KnockproxyError {
  return new KnockproxyError(`${where}: ${message}`, { exitCode: 2, hints });
}
