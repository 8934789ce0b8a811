import { KnockproxyError } from './errors.ts';
import { printable } from './log.ts';

/** getaddrinfo(3) takes no longer name (NI_MAXHOST). */
const MAX_HOST_LENGTH = 1025;

/** What to do where `%h %p` does not tell the door. */
export const PASS_NAMES = "let ProxyCommand pass the names as typed: knockproxy -- '%h' %p '%n' '%r'";

/**
 * Checks the names that a command line gives. ssh lets shell patterns into host names and users (valid_hostname and
 * valid_ruser in ssh.c), and a hostile URL can carry them.
 *
 * @throws KnockproxyError (exit status 2) for shell patterns, control characters, a leading dash or tilde, and
 *   blanks at either end; in a host name for any blank and slash.
 */
export function checkNames(names: {
  readonly host: string;
  readonly alias?: string;
  readonly user?: string;
}): void {
  checkHost(names.host);
  checkAlias(names.alias ?? '');
  refuse('user name', names.user ?? '', faultOf(names.user ?? ''));
}

/** A name as typed to ssh. @throws KnockproxyError as checkNames */
export function checkAlias(alias: string): void {
  refuse('host name', alias, faultOf(alias));
}

/** A name that is going to be resolved. @throws KnockproxyError as checkNames */
export function checkHost(host: string): void {
  const fault =
    host === ''
      ? 'is empty'
      : host.length > MAX_HOST_LENGTH
        ? `is ${host.length} characters long, more than ${MAX_HOST_LENGTH}`
        : /[\p{Cc}\s]/u.test(host)
          ? 'holds a blank or a control character'
          : host.includes('/')
            ? 'holds a slash'
            : faultOf(host);
  refuse('host name', host, fault);
}

function faultOf(name: string): string | undefined {
  if (name.startsWith('-')) return 'begins with a dash';
  if (name.startsWith('~')) return 'begins with a tilde';
  if (/\p{Cc}/u.test(name)) return 'holds a control character';
  if (/^\s|\s$/u.test(name)) return 'begins or ends with a blank';
  return /[*?[\]]/.test(name) ? 'holds a character of shell patterns: * ? [ ]' : undefined;
}

function refuse(what: string, name: string, fault: string | undefined): void {
  if (fault === undefined) return;
  throw new KnockproxyError(`${what} '${printable(name.slice(0, 60))}' ${fault}`, { exitCode: 2 });
}
