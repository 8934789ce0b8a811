import { matchPatternList } from '../ssh-config/patterns.ts';
import { lowerAscii } from '../util/bytes.ts';
import { describePlace } from '../util/errors.ts';
import type { Trap } from './findings.ts';
import type { ConfigLine } from './line-reader.ts';

const FIX = "one line 'IgnoreUnknown Knock*' (or a comma list with Knock* in it) above the first Host line";

/**
 * Whether ssh accepts the Knock lines in its own files. Only the first IgnoreUnknown that applies counts, for all lines
 * after it, even those of blocks that do not apply (readconf.c, parse_token).
 *
 * @param lines the lines of ssh's files, in reading order.
 */
export function ignoreUnknownTraps(lines: readonly ConfigLine[]): Trap[] {
  const all = lines.filter(({ keyword }) => keyword === 'ignoreunknown');
  let effective: ConfigLine | undefined;
  for (const line of lines) {
    if (line.keyword === 'ignoreunknown' && line.block === undefined) effective ??= line;
    if (!line.keyword.startsWith('knock')) continue;
    if (effective === undefined || !covers(effective, line.keyword)) {
      return [{ severity: 'error', text: explain(line, effective, all), fix: FIX }];
    }
    const wrong = valueTrap(line);
    if (wrong !== undefined) return [wrong];
  }
  return [];
}

function covers({ words }: ConfigLine, keyword: string): boolean {
  return matchPatternList(keyword, lowerAscii(words?.[0] ?? ''));
}

function explain(knock: ConfigLine, effective: ConfigLine | undefined, all: readonly ConfigLine[]): string {
  const what = `ssh refuses its whole configuration at ${describePlace(knock)}, a Knock keyword`;
  const good = all.filter((line) => covers(line, knock.keyword));
  const doubled = effective && good.find((line) => line !== effective);
  if (effective && doubled) {
    return `${what}: IgnoreUnknown in ${describePlace(doubled)} has no effect, because the one in ${describePlace(effective)} comes first`;
  }
  if (effective) return `${what}: IgnoreUnknown in ${describePlace(effective)} does not name Knock*`;
  const inside = good.find(({ block }) => block !== undefined);
  const late = good.find(({ block }) => block === undefined);
  if (late) return `${what}: IgnoreUnknown in ${describePlace(late)} comes too late`;
  if (inside) return `${what}: IgnoreUnknown in ${describePlace(inside)} is inside a Host or Match block`;
  return `${what}: IgnoreUnknown Knock* is missing`;
}

function valueTrap(line: ConfigLine): Trap | undefined {
  if (line.words !== undefined && line.words.length > 0) return undefined;
  const what = line.words === undefined ? 'has a quote that is not closed' : 'has no value';
  return {
    severity: 'error',
    text: `ssh refuses its whole configuration: the Knock line in ${describePlace(line)} ${what}`,
    fix: 'add a value, or remove the line',
  };
}
