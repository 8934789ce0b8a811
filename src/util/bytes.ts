/**
 * ssh compares bytes. A file is read as latin1, one character a byte; what comes from the command line is
 * brought to that form, and what leaves the evaluator is brought back.
 */
export function toBytes(utf16: string): string {
  return isAscii(utf16) ? utf16 : Buffer.from(utf16, 'utf8').toString('latin1');
}

/** The text that latin1-decoded UTF-8 bytes stand for. */
export function fromBytes(latin1: string): string {
  return isAscii(latin1) ? latin1 : Buffer.from(latin1, 'latin1').toString('utf8');
}

/** tolower(3) in the C locale. */
export function lowerAscii(bytes: string): string {
  return isAscii(bytes)
    ? bytes.toLowerCase()
    : bytes.replace(/[A-Z]+/g, (capitals) => capitals.toLowerCase());
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 127) return false;
  return true;
}
