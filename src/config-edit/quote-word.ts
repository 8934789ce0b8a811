import { usageError } from '../util/errors.ts';

/**
 * A path as a word of a ProxyCommand, which goes through three hands: ssh splits the line to look for odd quotes,
 * expands `%`, and gives it to the user's shell (`$SHELL -c`; sh, csh and fish agree on single quotes). Windows has
 * double quotes, and slashes, which its programs take as well as backslashes.
 *
 * @throws KnockproxyError for what no quoting carries through all three.
 */
export function quoteWord(path: string, platform: NodeJS.Platform): string {
  const word = (platform === 'win32' ? path.replaceAll('\\', '/') : path).replaceAll('%', '%%');
  if (/[\p{Cc}\\]/u.test(word) || (platform === 'win32' && word.includes('"'))) {
    throw usageError(
      'a path with a backslash, a quote or a control character cannot stand in a ProxyCommand',
      'give --portable, or install knockproxy elsewhere',
    );
  }
  if (/^[\w./:+,@%-]+$/.test(word)) return word;
  return platform === 'win32' ? `"${word}"` : `'${word.replaceAll("'", "'\\''")}'`;
}

/** How many of ssh's names a ProxyCommand passes on: %h and %p, %n too, %r too. */
export type Passed = 'host' | 'alias' | 'user';

/**
 * The end of a ProxyCommand. The quotes hold: ssh refuses them in host names and users (ssh.c, valid_hostname and
 * valid_ruser), and a shell expands no pattern in them.
 */
export function passedNames(passed: Passed, platform: NodeJS.Platform = process.platform): string {
  const quote = platform === 'win32' ? '"' : "'";
  const more = { host: [], alias: ['%n'], user: ['%n', '%r'] }[passed];
  return ['--', `${quote}%h${quote}`, '%p', ...more.map((token) => quote + token + quote)].join(' ');
}
