import { fromBytes, lowerAscii, toBytes } from '../util/bytes.ts';
import { execIsRelevant } from './exec-relevance.ts';
import { expandPercent } from './expand.ts';
import { hostSoFar, portSoFar, type Reading, userSoFar } from './match-criteria.ts';
import { UNSAFE_IN_SHELL, UNSAFE_USER } from './unsafe.ts';

/**
 * Prevents recursion. In the environment of a Match exec command: the hosts it is run for, percent-encoded, separated by
 * commas. A knockproxy started by such a command for one of these hosts does not run Match exec again.
 */
export const EXEC_MARKER = 'KNOCKPROXY_MATCH_EXEC';

/** Runs the commands if the result matters; else the block counts as not matching. */
export const execHolds: Reading['execHolds'] = (block, execs, reading) =>
  execIsRelevant(block, reading) &&
  execs.every(({ argument, negated }) => runExec(argument, reading) !== negated);

/** Like readconf.c (execute_in_shell). withExec() runs each distinct command once. */
function runExec(argument: string, reading: Reading): boolean {
  const { system, target } = reading;
  if ([target.alias, hostSoFar(reading)].some((name) => UNSAFE_IN_SHELL.test(name))) return false;
  if (UNSAFE_USER.test(userSoFar(reading))) return false;
  const outer = system.env(EXEC_MARKER)?.split(',') ?? [];
  const hosts = [target.alias, hostSoFar(reading)].map((name) =>
    encodeURIComponent(fromBytes(lowerAscii(name))),
  );
  if (hosts.some((name) => outer.includes(name))) return false;
  const command = expandPercent(argument, (letter) => execToken(letter, reading));
  if (command === undefined) return false;
  const marker = [...new Set([...outer, ...hosts])].filter((name) => name !== '').join(',');
  return system.exec(command, { [EXEC_MARKER]: marker }) === 0;
}

/** The tokens of `Match exec`; undefined for an unknown one. */
function execToken(letter: string, reading: Reading): string | undefined {
  const { target, system, state } = reading;
  switch (letter) {
    case 'C':
      // ssh_connection_hash: %l%h%p%r, and %j, which is empty with ProxyCommand.
      return system.sha1Hex(system.hostname() + hostSoFar(reading) + portSoFar(reading) + userSoFar(reading));
    case 'L':
      return system.hostname().split('.', 1)[0];
    case 'd':
      return toBytes(system.home);
    case 'h':
      return hostSoFar(reading);
    case 'i':
      return String(system.uid);
    case 'j':
      return '';
    case 'k':
      return state.tracked.get('hostkeyalias') ?? hostSoFar(reading);
    case 'l':
      return system.hostname();
    case 'n':
      return target.alias;
    case 'p':
      return String(portSoFar(reading));
    case 'r':
      return userSoFar(reading);
    case 'u':
      return toBytes(system.localUser);
    default:
      return undefined;
  }
}
