/**
 * ssh compares bytes, so files are read as latin1, one character per byte. Converts command-line text to that form.
 */
export function toBytes(utf16: string): string {
  return isAscii(utf16) ? utf16 : Buffer.from(utf16, 'utf8').toString('latin1');
}

/** The reverse: decodes UTF-8 from bytes that were read as latin1. */
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
