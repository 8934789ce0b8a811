/** The text functions of knockd.c for strings of one character per byte (latin1), in the C locale. */

/** trim: isspace at both ends. */
export function trim(text: string): string {
  let [from, to] = [0, text.length];
  while (from < to && isSpace(text.charCodeAt(from))) from++;
  while (to > from && isSpace(text.charCodeAt(to - 1))) to--;
  return text.slice(from, to);
}

function isSpace(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13);
}

/** strtoupper. */
export function upperAscii(text: string): string {
  return text.replace(/[a-z]+/g, (letters) => letters.toUpperCase());
}

/** atoi(3) of glibc: blanks, a sign, digits; limited like strtol, truncated to 32 bits. The rest is ignored. */
export function atoi(text: string): number {
  const [, digits] = /^[ \t\n\v\f\r]*([+-]?\d+)/.exec(text) ?? [];
  if (digits === undefined) return 0;
  const value = BigInt(digits.replace('+', ''));
  const clamped = value > LONG_MAX ? LONG_MAX : value < -LONG_MAX - 1n ? -LONG_MAX - 1n : value;
  return Number(BigInt.asIntN(32, clamped));
}

const LONG_MAX = 2n ** 63n - 1n;

/** The results of `fgets(line, PATH_MAX, file)` in a loop: lines, long ones in pieces, each up to its first NUL. */
export function* fgetsLines(bytes: string): Generator<string> {
  for (const { line } of fgetsPieces(bytes)) yield line;
}

/** Like fgetsLines(), with the offset of each piece (ftell). */
export function* fgetsPieces(bytes: string): Generator<{ readonly at: number; readonly line: string }> {
  for (let at = 0; at < bytes.length; ) {
    const newline = bytes.indexOf('\n', at);
    const end = Math.min(newline < 0 ? bytes.length : newline + 1, at + PATH_MAX - 1);
    const piece = bytes.slice(at, end);
    const nul = piece.indexOf('\0');
    yield { at, line: nul < 0 ? piece : piece.slice(0, nul) };
    at = end;
  }
}

/** linux/limits.h */
const PATH_MAX = 4096;
