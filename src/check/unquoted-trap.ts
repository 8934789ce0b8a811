import type { Config, Setting } from '../ssh-config/evaluate.ts';
import { MATCH } from '../ssh-config/keyword-table.ts';
import { criteriaOf } from '../ssh-config/match-criteria.ts';
import { splitArguments } from '../ssh-config/tokens.ts';
import { describePlace } from '../util/errors.ts';
import type { Trap } from './findings.ts';
import { configLines } from './line-reader.ts';

/** Warns of a ProxyCommand with unquoted tokens. */
export function unquotedTraps(
  command: Pick<Setting, 'raw' | 'file' | 'line'>,
  platform: NodeJS.Platform = process.platform,
): Trap[] {
  return trapFor(command.raw, `ProxyCommand in ${describePlace(command)}`, FIX, platform);
}

const FIX =
  "end it with -- '%h' %p, or -- '%h' %p '%n' '%r', after all options: " +
  "'knockproxy repair' rewrites the line";

/** Warns of every ProxyCommand in ssh's files that runs knockproxy, and every `Match exec`. */
export function allUnquotedTraps(config: Config): Trap[] {
  const commands = configLines(config, config.ssh).filter(({ keyword }) => keyword === 'proxycommand');
  return [
    ...commands.filter(({ raw }) => RUNS_US.test(raw)).flatMap((line) => unquotedTraps(line)),
    ...execTraps(config),
  ];
}

/** Warns of `Match exec` lines that run knockproxy with unquoted tokens. */
export function execTraps(config: Config): Trap[] {
  return [config.knock, config.ssh].flatMap((program) =>
    program.blocks
      .filter(({ condition }) => condition === MATCH)
      .flatMap((block) => {
        const execs = criteriaOf(block, program, config.system).filter(({ name }) => name === 'exec');
        const where = `Match exec in ${describePlace(block.source)}`;
        return execs
          .filter(({ argument }) => RUNS_US.test(argument))
          .flatMap(({ argument }) => trapFor(argument, where, FIX_EXEC, process.platform));
      }),
  );
}

const FIX_EXEC = `write exec "knockproxy open -- '%n'"`;
/** A command that runs knockproxy, or at least names it. */
export const RUNS_US = /\bknockproxy\b/;

function trapFor(command: string, where: string, fix: string, platform: NodeJS.Platform): Trap[] {
  const tokens = unquotedTokens(command, platform);
  if (tokens.length === 0) return [];
  const text = `${where} has ${tokens.join(', ')} without quotes: the shell would expand patterns in a host name from a hostile URL`;
  return [{ severity: 'warning', text, fix }];
}

/**
 * The tokens in a command that the shell could expand: %h and %n outside quotes, %r outside single quotes (a user name
 * may contain a dollar or a backslash). On Windows, only double quotes quote.
 */
export function unquotedTokens(command: string, platform: NodeJS.Platform): string[] {
  const unquoted = new Set<string>();
  const isWindows = platform === 'win32';
  const safe: Readonly<Record<string, string>> = isWindows ? WINDOWS : POSIX;
  let quote = '';
  for (let at = 0; at < command.length; at++) {
    const char = command[at]!;
    if (char === '\\' && quote !== "'" && !isWindows) at++;
    else if (quote === '' ? char === '"' || (char === "'" && !isWindows) : char === quote) {
      quote = quote === '' ? char : '';
    } else if (char === '%') {
      const letter = command[++at] ?? '';
      const quotes = Object.hasOwn(safe, letter) ? safe[letter]! : undefined;
      if (quotes !== undefined && (quote === '' || !quotes.includes(quote))) unquoted.add(`%${letter}`);
    }
  }
  return [...new Set([...unquoted, ...nested(command).flatMap((word) => unquotedTokens(word, platform))])];
}

/** The quotes in which each token is safe. */
const POSIX = { h: `'"`, n: `'"`, r: "'" };
const WINDOWS = { h: '"', n: '"', r: '"' };

/** Words that are commands for another shell: `sh -c '...'`, `ssh HOST '...'`. */
function nested(command: string): string[] {
  const words = splitArguments(command) ?? [];
  return words.filter((word) => word !== command && /\s/.test(word) && RUNS_US.test(word));
}
