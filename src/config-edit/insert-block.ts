import { insertLines } from './config-lines.ts';
import { beforeEverything, beforeFirstMatch, beginsWithGlobals } from './insertion-point.ts';
import { findRegions, MADE_BY_US, marked, strayLine, takeOut } from './managed-blocks.ts';
import { mergeIntoBlock, type Package } from './merge-into-block.ts';

/**
 * The ways to give a host some lines in a file that holds none of ours for it, the most natural first: in its
 * own block, in a block of its own before the first that matches it, in one before everything else. Taking them
 * out again gives back every byte, and no other line changes its block. Which of them counts depends on what
 * else ssh reads: that is for the caller to find out.
 *
 * @param text undefined: there is no file yet.
 * @param sshConfig the package; without it nothing is merged.
 * @throws KnockproxyError `FILE line N: ...` where what knockproxy added for others was changed by hand.
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
  // A block of ours for another host may hold a `Host *`: the place is before it, not in it.
  const outside = (at: number) => regions.find(({ from, to }) => at > from && at <= to)?.from ?? at;
  const block = [`Host ${host}`, ...lines.map((line) => `  ${line}`)];
  // Lines before the first Host line hold for every host, and go on doing so.
  const first = beginsWithGlobals(takeOut(base, file).split('\n')) ? [...block, 'Host *'] : block;
  const ways = [
    sshConfig && mergeIntoBlock(base, host, lines, sshConfig),
    insertLines(base, outside(beforeFirstMatch(all, host)), marked(host, block)),
    insertLines(base, outside(beforeEverything(all)), marked(host, first)),
  ];
  return ways.filter((way) => way !== undefined && isReversible(way, base, host)) as string[];
}

/** What is left when knockproxy's lines are taken out; undefined for a file that was made for them. */
export function textWithout(text: string, file: string, host?: string): string | undefined {
  const rest = takeOut(text, file, host);
  return rest.trim() === MADE_BY_US && rest !== text ? undefined : rest;
}

/** Ours can be taken out again, and so can what was added for other hosts, in any order. */
function isReversible(edited: string, base: string, host: string): boolean {
  const lines = edited.split('\n');
  const regions = findRegions(lines, '');
  const isFree = regions.every((region) => strayLine(lines, [region], regions) === undefined);
  return isFree && strayLine(lines, regions, regions) === undefined && takeOut(edited, '', host) === base;
}
