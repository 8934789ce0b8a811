/** What a terminal acts on, line feeds apart: C1 control characters and format characters may stand in JSON as they are. */
const UNPRINTABLE = /(?!\n)[\p{Cc}\p{Cf}\u2028\u2029]/gu;

/** JSON over several lines that a terminal shows as it is; for a reader of JSON its strings are unchanged. */
export function toJsonText(value: unknown): string {
  return JSON.stringify(value, null, 2).replace(UNPRINTABLE, (char) =>
    Array.from({ length: char.length }, (_, at) => escaped(char.charCodeAt(at))).join(''),
  );
}

function escaped(unit: number): string {
  return `\\u${unit.toString(16).padStart(4, '0')}`;
}
