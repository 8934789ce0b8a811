/** Words by which people name what opens a door and what closes it. */
const PAIRS: readonly (readonly [opens: string, closes: string])[] = [
  ['open', 'close'],
  ['open', 'shut'],
  ['unlock', 'lock'],
  ['on', 'off'],
  ['allow', 'deny'],
  ['allow', 'block'],
  ['allow', 'disallow'],
  ['permit', 'deny'],
  ['permit', 'block'],
  ['unblock', 'block'],
  ['accept', 'drop'],
  ['accept', 'reject'],
  ['start', 'stop'],
  ['begin', 'end'],
  ['enable', 'disable'],
  ['activate', 'deactivate'],
  ['grant', 'revoke'],
  ['grant', 'deny'],
  ['add', 'del'],
  ['add', 'delete'],
  ['add', 'remove'],
  ['insert', 'delete'],
  ['insert', 'remove'],
  ['up', 'down'],
  ['in', 'out'],
  ['login', 'logout'],
  ['enter', 'leave'],
  ['show', 'hide'],
  ['yes', 'no'],
  ['true', 'false'],
];

/**
 * Whether two names or command lines are one but for such a pair of words: `SSHopen` and `SSHclose`, `fw.sh on` and
 * `fw.sh off`. Case does not matter, nor do separators in names.
 */
export function undoes(closing: string, opening: string): boolean {
  const [from, to] = [plain(closing), plain(opening)];
  return from !== to && PAIRS.some(([opens, closes]) => replacements(from, closes, opens).includes(to));
}

function plain(text: string): string {
  return text
    .toLowerCase()
    .replace(/[-_.\s]+/g, ' ')
    .trim();
}

/** The text with one of the words replaced, and with each of them. */
function replacements(text: string, word: string, by: string): string[] {
  const parts = text.split(word);
  const one = parts
    .slice(1)
    .map((_, at) => parts.slice(0, at + 1).join(word) + by + parts.slice(at + 1).join(word));
  return [...one, parts.join(by)];
}
