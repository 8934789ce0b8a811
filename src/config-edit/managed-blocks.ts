import { configError } from '../util/errors.ts';
import { isHeader, readLine } from './config-lines.ts';

/** The first line of a file that knockproxy made: it is deleted when nothing else is left in it. */
export const MADE_BY_US = '# Made by knockproxy, which deletes this file when nothing else is left in it.';

/** What knockproxy added for a host: the lines from one mark to the other, both included, counted from 0. */
export interface Region {
  readonly host: string;
  readonly from: number;
  readonly to: number;
}

/** Lines with the marks that knockproxy finds them by again. */
export function marked(host: string, lines: readonly string[], indent = ''): string[] {
  return [
    `${indent}# >>> knockproxy ${host} (taken out by: knockproxy remove ${host})`,
    ...lines,
    `${indent}# <<< knockproxy ${host}`,
  ];
}

/** A line of the user's as a comment, until takeOut() restores it. `line` stands behind its indentation. */
export function kept(host: string, line: string): string {
  return `# kept by knockproxy for ${host}: ${line}`;
}

const BEGIN = /^[ \t]*# >>> knockproxy (\S+)/;
const END = /^[ \t]*# <<< knockproxy (\S+)/;
const KEPT = /^([ \t]*)# kept by knockproxy for (\S+): ([\s\S]*)$/;

/**
 * The regions of a file.
 *
 * @param file its name, for messages.
 * @throws KnockproxyError `FILE line N: ...` where a mark lacks its partner.
 */
export function findRegions(lines: readonly string[], file: string): Region[] {
  const regions: Region[] = [];
  let open: { host: string; from: number } | undefined;
  for (const [at, line] of lines.entries()) {
    const begin = BEGIN.exec(line)?.[1];
    const end = END.exec(line)?.[1];
    if (begin === undefined && end === undefined) continue;
    if ((begin === undefined) !== (open !== undefined && end === open.host)) throw unpaired(file, at);
    if (begin !== undefined) {
      if (open) throw unpaired(file, open.from);
      open = { host: begin, from: at };
    } else {
      regions.push({ ...open!, to: at });
      open = undefined;
    }
  }
  if (open) throw unpaired(file, open.from);
  return regions;
}

/**
 * A file without what knockproxy added for a host (for every host, when none is given), the lines it kept as
 * comments restored.
 *
 * @throws KnockproxyError `FILE line N: ...` when it cannot be told apart from what the user wrote.
 */
export function takeOut(text: string, file: string, host?: string): string {
  const lines = text.split('\n');
  const isMeant = (name: string) => host === undefined || name === host;
  const all = findRegions(lines, file);
  const regions = all.filter((region) => isMeant(region.host));
  const stray = strayLine(lines, regions, all);
  if (stray !== undefined) throw belongs(file, stray);
  return lines
    .filter((_, at) => !isIn(at, regions))
    .map((line) => line.replace(KEPT, (all, indent, name, rest) => (isMeant(name) ? indent + rest : all)))
    .join('\n');
}

/**
 * The first line that would fall under another Host or Match line if some regions were not there.
 *
 * @param all every region of the file: a `Host *` in one of them stands for the lines before the first Host line.
 */
export function strayLine(
  lines: readonly string[],
  some: readonly Region[],
  all: readonly Region[],
): number | undefined {
  let withThem = -1;
  let without = -1;
  for (const [at, text] of lines.entries()) {
    const line = readLine(text);
    if (line === undefined) continue;
    const isGoing = isIn(at, some);
    if (!isHeader(line)) {
      if (!isGoing && withThem !== without) return at;
      continue;
    }
    withThem = line.value === '*' && isIn(at, all) ? -1 : at;
    if (!isGoing) without = withThem;
  }
  return undefined;
}

function isIn(at: number, regions: readonly Region[]): boolean {
  return regions.some(({ from, to }) => at >= from && at <= to);
}

function unpaired(file: string, at: number) {
  return configError(
    { file, line: at + 1 },
    'a mark of knockproxy without its partner',
    'a block of knockproxy begins with a line "# >>> knockproxy HOST" and ends with "# <<< knockproxy HOST"',
  );
}

function belongs(file: string, at: number) {
  return configError(
    { file, line: at + 1 },
    'this line belongs to the block that knockproxy added above it and would fall into another',
    'move it, or put a Host line before it',
  );
}
