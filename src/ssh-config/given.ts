import { toBytes } from '../util/bytes.ts';
import { SSH_PORT } from '../util/text.ts';
import type { Config } from './config.ts';
import type { Tracked } from './keyword-table.ts';
import { valueEnd } from './line.ts';
import { asksForPort, asksForUser, type CriteriaTarget, type GivenBytes } from './match-criteria.ts';
import { outcomeOf } from './outcome.ts';
import { readPort } from './read-port.ts';
import { STRIDE } from './scan.ts';
import { splitArguments } from './tokens.ts';

/**
 * Which of port and user stood on ssh's command line. It matters because Match tests what is known so far, and a
 * ProxyCommand is only passed what came out. Takes the first assumption under which the files lead to the same:
 * nothing was typed, the user was, the port was, both were.
 */
export function findGiven(config: Config, target: Omit<CriteriaTarget, 'given'>): GivenBytes {
  const { port, user } = target;
  const both: GivenBytes = { port, user };
  const { ssh, system } = config;
  if (!asksForUser(ssh, system) && !asksForPort(ssh, system)) return both;
  for (const given of assumptions(config, both)) {
    const outcome = outcomeOf(config, { ...target, given });
    if (outcome.port === port && (user === undefined || isSame(outcome.user, user))) return given;
  }
  return both;
}

/** Those that the lines of the files do not rule out: each one tried may run commands. */
function assumptions(config: Config, { port, user }: GivenBytes): GivenBytes[] {
  const { system } = config;
  const isPortSet =
    port === SSH_PORT || values(config, 'port').some((text) => readPort(text, system) === port);
  const isUserSet =
    user === toBytes(system.localUser) || values(config, 'user').some((text) => isSame(text, user ?? text));
  const ports = isPortSet ? [undefined, port] : [port];
  const users = isUserSet ? [undefined, user] : [user];
  return ports.flatMap((each) => users.map((name) => ({ port: each, user: name })));
}

/** ssh 10.1 expands tokens and variables in User: such a value may come out as any name. */
function isSame(configured: string, user: string): boolean {
  return configured === user || /[%$]/.test(configured);
}

/** What the files say for an option, for any host. */
function values({ ssh, table }: Config, name: Tracked): string[] {
  const { code } = table.byName.get(name)!;
  return ssh.blocks.flatMap(({ source: { text, lines }, from, to }) => {
    const found: string[] = [];
    for (let at = from; at < to; at += STRIDE) {
      if (lines[at] !== code) continue;
      const valueAt = lines[at + 1]!;
      found.push(splitArguments(text.slice(valueAt, valueEnd(text, valueAt)))?.[0] ?? '');
    }
    return found;
  });
}
