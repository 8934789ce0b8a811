import { configError } from '../util/errors.ts';
import { BEGIN_MARK } from './begin-mark.ts';
import { isHeader, readLine } from './config-lines.ts';

/** The first line of a file created by knockproxy, which is deleted when nothing else is left in it. */
export const MADE_BY_US = '# Made by knockproxy, which deletes this file when nothing else is left in it.';

/** The lines added for a host: from one mark to the other, inclusive, counted from 0. */
interface Region {
  readonly host: string;
  readonly from: number;
  readonly to: number;
}

/** Encloses lines in the marks by which knockproxy recognizes them. */
export function marked(host: string, lines: readonly string[], indent = ''): string[] {
  return [
    `${indent}${BEGIN_MARK}${host} (taken out by: knockproxy remove ${host})`,
    ...lines,
    `${indent}# <<< knockproxy ${host}`,
  ];
}

/** Turns a line of the user into a comment that takeOut() restores. @param line without its indentation. */
export function kept(host: string, line: string): string {
  return `# kept by knockproxy for ${host}: ${line}`;
}

const BEGIN = new RegExp(`^[ \\t]*${BEGIN_MARK}(\\S+)`);
const END = /^[ \t]*# <<< knockproxy (\S+)/;
const KEPT = /^([ \t]*)# kept by knockproxy for (\S+): ([\s\S]*)$/;

/**
 * The managed blocks of a file.
 *
 * @param file its name, for messages.
 * @throws KnockproxyError `FILE line N: ...` for a mark without its counterpart.
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
 * Removes the managed block of a host (by default, of every host) and restores the lines that it turned into comments. A
 * `Host *` that a removed block puts before the lines that apply to every host moves to the block above.
 *
 * @throws KnockproxyError `FILE line N: ...` if other lines would move to another block.
 */
export function takeOut(text: string, file: string, host?: string): string {
  const isMeant = (name: string) => host === undefined || name === host;
  const lines = handOver(text.split('\n'), file, isMeant);
  const regions = findRegions(lines, file).filter((region) => isMeant(region.host));
  return lines
    .filter((_, at) => !isIn(at, regions))
    .map((line) => line.replace(KEPT, (all, indent, name, rest) => (isMeant(name) ? indent + rest : all)))
    .join('\n');
}

/** Adds `Host *` to the blocks that stay and would otherwise take lines that apply to every host. */
function handOver(lines: readonly string[], file: string, isMeant: (host: string) => boolean): string[] {
  const all = findRegions(lines, file);
  const going = all.filter(({ host }) => isMeant(host));
  const stray = strayLine(lines, going, all);
  if (stray === undefined) return [...lines];
  const taker = all.find((region) => !going.includes(region) && isIn(stray.without, [region]));
  if (stray.owner !== GLOBALS || taker === undefined) throw belongs(file, stray.at);
  const cr = lines[taker.from]!.endsWith('\r') ? '\r' : '';
  return handOver([...lines.slice(0, taker.to), `Host *${cr}`, ...lines.slice(taker.to)], file, isMeant);
}

/** The owner of lines before the first Host line. */
const GLOBALS = -1;

/** A line that would belong to another Host or Match line. */
interface StrayLine {
  /** From 0. */
  readonly at: number;
  /** The Host or Match line that it belongs to, or GLOBALS. */
  readonly owner: number;
  /** The one without the regions. */
  readonly without: number;
}

/**
 * The first line that would belong to another Host or Match line without some regions.
 *
 * @param all every region of the file: a `Host *` in one of them replaces the lines before the first Host line.
 */
export function strayLine(
  lines: readonly string[],
  some: readonly Region[],
  all: readonly Region[],
): StrayLine | undefined {
  let owner = GLOBALS;
  let without = GLOBALS;
  for (const [at, text] of lines.entries()) {
    const line = readLine(text);
    if (line === undefined) continue;
    const isGoing = isIn(at, some);
    if (!isHeader(line)) {
      if (!isGoing && owner !== without) return { at, owner, without };
      continue;
    }
    owner = line.value === '*' && isIn(at, all) ? GLOBALS : at;
    if (!isGoing) without = owner;
  }
  return undefined;
}

function isIn(at: number, regions: readonly Region[]): boolean {
  return regions.some(({ from, to }) => at >= from && at <= to);
}

function unpaired(file: string, at: number) {
  return configError(
    { file, line: at + 1 },
    'unmatched knockproxy marker line',
    'a block of knockproxy begins with a line "# >>> knockproxy HOST" and ends with "# <<< knockproxy HOST"',
  );
}

function belongs(file: string, at: number) {
  return configError(
    { file, line: at + 1 },
    'this line belongs to the block that knockproxy added above it and would move to another',
    'move it, or put a Host line before it',
  );
}
