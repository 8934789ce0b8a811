import { lowerAscii } from '../util/bytes.ts';

const STAR = 42;
const QUESTION = 63;
/** match.c (match_pattern_list) fails for a longer subpattern. */
const MAX_SUBPATTERN = 1023;

/** match_pattern of match.c: `*` any bytes, `?` exactly one; case-sensitive. Not recursive; linear in practice. */
export function matchPattern(name: string, pattern: string): boolean {
  let n = 0;
  let p = 0;
  let starAt = -1;
  let resumeAt = 0;
  while (n < name.length) {
    const code = p < pattern.length ? pattern.charCodeAt(p) : -1;
    if (code === STAR) {
      starAt = p++;
      resumeAt = n;
    } else if (code === QUESTION || code === name.charCodeAt(n)) {
      p++;
      n++;
    } else if (starAt >= 0) {
      p = starAt + 1;
      n = ++resumeAt;
    } else return false;
  }
  while (pattern.charCodeAt(p) === STAR) p++;
  return p === pattern.length;
}

/** match_pattern_list of match.c: a comma list with `!`; true for a positive match and no negative one. */
export function matchPatternList(name: string, list: string): boolean {
  let positive = false;
  // A comma at the end does not begin another, empty subpattern.
  for (const part of (list.endsWith(',') ? list.slice(0, -1) : list).split(',')) {
    const negated = part.startsWith('!');
    const pattern = negated ? part.slice(1) : part;
    if (pattern.length >= MAX_SUBPATTERN) return false;
    if (list === '' || !matchPattern(name, pattern)) continue;
    if (negated) return false;
    positive = true;
  }
  return positive;
}

/** match_hostname of match.c: match_pattern_list ignoring case. */
export function matchHostname(host: string, list: string): boolean {
  return matchPatternList(lowerAscii(host), lowerAscii(list));
}

/** Matches a `Host` line (readconf.c, case oHost): case-sensitive; a negated pattern that matches ends it. */
export function matchHostPatterns(name: string, patterns: readonly string[]): boolean {
  let positive = false;
  for (const pattern of patterns) {
    const negated = pattern.startsWith('!');
    if (!matchPattern(name, negated ? pattern.slice(1) : pattern)) continue;
    if (negated) return false;
    positive = true;
  }
  return positive;
}
