import { KnockproxyError } from './errors.ts';
import { printable } from './log.ts';

/** The limit of getaddrinfo(3) (NI_MAXHOST). */
const MAX_HOST_LENGTH = 1025;

/** The hint where `%h %p` does not identify the door. */
export const PASS_NAMES = "let ProxyCommand pass the names as typed: knockproxy -- '%h' %p '%n' '%r'";

/**
 * Checks names from the command line. ssh permits shell patterns in host names and users (valid_hostname and
 * valid_ruser in ssh.c), and a hostile URL can contain them.
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

/** Checks a name as typed to ssh. @throws KnockproxyError as checkNames */
export function checkAlias(alias: string): void {
  refuse('host name', alias, faultOf(alias));
}

/** Checks a name before it is resolved. @throws KnockproxyError as checkNames */
export function checkHost(host: string): void {
  const fault =
    host === ''
      ? 'is empty'
      : host.length > MAX_HOST_LENGTH
        ? `is ${host.length} characters long, more than ${MAX_HOST_LENGTH}`
        : /\s/u.test(host) && !CONTROL.test(host)
          ? 'contains a blank'
          : host.includes('/')
            ? 'contains a slash'
            : faultOf(host);
  refuse('host name', host, fault);
}

/** Whether ssh takes a value of HostName or User as it is written, but for %h and %%. */
export function isPlainWord(value: string): boolean {
  return value !== '' && !/^[-=]|["'#\\\s\p{Cc}]/u.test(value) && !/%(?![%h])/.test(value);
}

const CONTROL = /\p{Cc}/u;

function faultOf(name: string): string | undefined {
  if (name.startsWith('-')) return 'begins with a dash';
  if (name.startsWith('~')) return 'begins with a tilde';
  if (CONTROL.test(name)) return `contains a ${name.includes('\n') ? 'line feed' : 'control character'}`;
  if (/^\s|\s$/u.test(name)) return 'begins or ends with a blank';
  return /[*?[\]]/.test(name) ? 'contains a shell pattern character: * ? [ ]' : undefined;
}

function refuse(what: string, name: string, fault: string | undefined): void {
  if (fault === undefined) return;
  const [start = ''] = name.split(CONTROL, 1);
  const shown = `${printable(start.slice(0, 60))}${start.length < name.length ? '...' : ''}`;
  throw new KnockproxyError(`${what} '${shown}' ${fault}`, { exitCode: 2 });
}
