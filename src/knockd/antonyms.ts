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

/** The words of a name or a command line by which two are compared: in lower case, separators alike. */
export function comparable(text: string): string {
  return text
    .toLowerCase()
    .replace(/[-_.\s]+/g, ' ')
    .trim();
}

/**
 * What would open what a text closes, comparable: the text with a closing word replaced by its opposite, once or
 * wherever it stands. `SSHclose` gives `sshopen`, `fw.sh off` gives `fw sh on`.
 */
export function opposites(text: string): string[] {
  const plain = comparable(text);
  return PAIRS.flatMap(([opens, closes]) => replacements(plain, closes, opens));
}

/** More of one word in a text are replaced all at once only. */
const MAX_WORDS = 4;

function replacements(text: string, word: string, by: string): string[] {
  const parts = text.split(word);
  if (parts.length === 1) return [];
  const all = parts.join(by);
  if (parts.length === 2 || parts.length > MAX_WORDS + 1) return [all];
  const one = parts
    .slice(1)
    .map((_, at) => parts.slice(0, at + 1).join(word) + by + parts.slice(at + 1).join(word));
  return [...one, all];
}
