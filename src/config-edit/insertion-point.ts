import { hostLineMatches, hostPatterns } from '../ssh-config/host-line.ts';
import { parseMatch } from '../ssh-config/match-line.ts';
import { matchHostname } from '../ssh-config/patterns.ts';
import { isHeader, type ReadLine, readLine } from './config-lines.ts';

/**
 * The line, from 0, at which to insert a block so that it precedes every block that may match the host; after the last
 * line if none does. Comments directly above a block stay with it.
 */
export function beforeFirstMatch(lines: readonly string[], host: string): number {
  const at = lines.findIndex((text) => mayMatch(readLine(text), host));
  return at < 0 ? lines.length : aboveComments(lines, at);
}

/** The line of the first directive; after the last line if there is none. */
export function beforeEverything(lines: readonly string[]): number {
  const at = lines.findIndex((line) => readLine(line) !== undefined);
  return at < 0 ? lines.length : aboveComments(lines, at);
}

/** Whether there are lines before the first Host or Match line, which apply to every host. */
export function beginsWithGlobals(lines: readonly string[]): boolean {
  const first = lines.map(readLine).find((line) => line !== undefined);
  return first !== undefined && !isHeader(first);
}

/** Whether this host is the only pattern of a Host line. */
export function isOnePattern(line: ReadLine | undefined, host: string): boolean {
  if (line?.keyword !== 'host') return false;
  const patterns = hostPatterns(line.value, 0);
  return patterns.length === 1 && patterns[0] === host;
}

/** The lines of the blocks whose only pattern is the host, with their numbers from 1. */
export function ownLines(lines: readonly string[], host: string): (ReadLine & { readonly number: number })[] {
  let isOwn = false;
  return lines.flatMap((text, at) => {
    const line = readLine(text);
    if (isHeader(line)) isOwn = isOnePattern(line, host);
    return line !== undefined && isOwn && !isHeader(line) ? [{ ...line, number: at + 1 }] : [];
  });
}

/** Whether a Match line may match: only the name as typed is known before login. */
function mayMatch(line: ReadLine | undefined, host: string): boolean {
  if (line?.keyword === 'host') return hostLineMatches(line.value, 0, host);
  if (line?.keyword !== 'match') return false;
  return parseMatch(line.value).every(
    ({ name, negated, argument }) =>
      name !== 'never' && (name !== 'originalhost' || matchHostname(host, argument) !== negated),
  );
}

function aboveComments(lines: readonly string[], at: number): number {
  let above = at;
  while (above > 0 && /^[ \t]*#(?! <<< knockproxy )/.test(lines[above - 1]!)) above--;
  return above > 0 ? above : at;
}
