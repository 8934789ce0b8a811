import { usageError } from '../util/errors.ts';

/**
 * Quotes a path for a ProxyCommand, which is processed three times: ssh checks its quotes, expands `%`, and passes it to
 * the user's shell (`$SHELL -c`; sh, csh and fish agree on single quotes). On Windows: double quotes and slashes.
 *
 * @throws KnockproxyError for characters that cannot be quoted for all three.
 */
export function quoteWord(path: string, platform: NodeJS.Platform): string {
  const word = (platform === 'win32' ? path.replaceAll('\\', '/') : path).replaceAll('%', '%%');
  if (/[\p{Cc}\\]/u.test(word) || (platform === 'win32' && word.includes('"'))) {
    throw usageError(
      'a path with a backslash, a quote or a control character cannot be used in a ProxyCommand',
      'use --portable, or install knockproxy elsewhere',
    );
  }
  if (/^[\w./:+,@%-]+$/.test(word)) return word;
  return platform === 'win32' ? `"${word}"` : `'${word.replaceAll("'", "'\\''")}'`;
}

/** Which tokens a ProxyCommand passes: %h and %p; %n as well; %r as well. */
export type Passed = 'host' | 'alias' | 'user';

/**
 * The end of a ProxyCommand. The quotes are safe: ssh refuses quotes in host names and users (ssh.c, valid_hostname and
 * valid_ruser), and a shell expands no pattern in them.
 */
export function passedNames(passed: Passed, platform: NodeJS.Platform = process.platform): string {
  const quote = platform === 'win32' ? '"' : "'";
  const more = { host: [], alias: ['%n'], user: ['%n', '%r'] }[passed];
  return ['--', `${quote}%h${quote}`, '%p', ...more.map((token) => quote + token + quote)].join(' ');
}
