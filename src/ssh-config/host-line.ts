import { valueEnd } from './line.ts';
import { matchHostPatterns, matchPattern } from './patterns.ts';
import { splitArguments } from './tokens.ts';

const SPACE = 32;
const TAB = 9;
const HASH = 35;
const BANG = 33;

/** The patterns of a Host line; none if a quote is not closed, which ssh refuses. */
export function hostPatterns(text: string, valueAt: number): readonly string[] {
  return splitArguments(text.slice(valueAt, valueEnd(text, valueAt))) ?? [];
}

/** Like matching `hostPatterns`, without splitting: most Host lines are for another host. */
export function hostLineMatches(text: string, valueAt: number, name: string): boolean {
  const end = valueEnd(text, valueAt);
  let positive = false;
  for (let at = valueAt; at < end; at++) {
    let code = text.charCodeAt(at);
    if (code === SPACE || code === TAB) continue;
    if (code === HASH) break;
    const negated = code === BANG;
    const start = negated ? at + 1 : at;
    let isWild = false;
    for (at = start; at < end; at++) {
      code = text.charCodeAt(at);
      if (code === SPACE || code === TAB) break;
      if (isQuoting(code)) return matchHostPatterns(name, hostPatterns(text, valueAt));
      if (code === 42 || code === 63) isWild = true;
    }
    const isHit = isWild
      ? matchPattern(name, text.slice(start, at))
      : at - start === name.length && text.startsWith(name, start);
    if (isHit && negated) return false;
    positive ||= isHit;
  }
  return positive;
}

/** Both quotes and the backslash. */
function isQuoting(code: number): boolean {
  return code === 34 || code === 39 || code === 92;
}
