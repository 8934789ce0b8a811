import { insertLines } from './config-lines.ts';
import { beforeEverything, beforeFirstMatch, beginsWithGlobals } from './insertion-point.ts';
import { findRegions, MADE_BY_US, marked, strayLine, takeOut } from './managed-blocks.ts';
import { mergeIntoBlock, type Package } from './merge-into-block.ts';

/**
 * The ways to add lines for a host to a file that has no managed block for it, the most natural first: in the host's own
 * block, in a new block before the first that matches it, in one before everything else. Removing them restores the file
 * byte for byte, and no other line moves to another block. Whether the lines take effect depends on the other files that
 * ssh reads: the caller evaluates that.
 *
 * @param text undefined if the file does not exist.
 * @param sshConfig the package; without it, lines are not merged into a block.
 * @throws KnockproxyError `FILE line N: ...` if a managed block was changed by hand.
 */
export function waysToAdd(
  text: string | undefined,
  file: string,
  host: string,
  lines: readonly string[],
  sshConfig?: Package,
): string[] {
  const base = text ?? `${MADE_BY_US}\n`;
  const all = base.split('\n');
  const regions = findRegions(all, file);
  // A managed block of another host may contain a `Host *`: insert before it, not inside.
  const outside = (at: number) => regions.find(({ from, to }) => at > from && at <= to)?.from ?? at;
  const block = [`Host ${host}`, ...lines.map((line) => `  ${line}`)];
  // Lines before the first Host line must still apply to every host.
  const first = beginsWithGlobals(takeOut(base, file).split('\n')) ? [...block, 'Host *'] : block;
  const ways = [
    sshConfig && mergeIntoBlock(base, host, lines, sshConfig),
    insertLines(base, outside(beforeFirstMatch(all, host)), marked(host, block)),
    insertLines(base, outside(beforeEverything(all)), marked(host, first)),
  ];
  return ways.filter((way) => way !== undefined && isReversible(way, base, host)) as string[];
}

/** The file without managed blocks; undefined for a file that knockproxy created. */
export function textWithout(text: string, file: string, host?: string): string | undefined {
  const rest = takeOut(text, file, host);
  return rest.trim() === MADE_BY_US && rest !== text ? undefined : rest;
}

/** Whether this block and those of other hosts can be removed again in any order. */
function isReversible(edited: string, base: string, host: string): boolean {
  const lines = edited.split('\n');
  const regions = findRegions(lines, '');
  return strayLine(lines, regions, regions) === undefined && takeOut(edited, '', host) === base;
}
