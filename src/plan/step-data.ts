/** The size of an ICMP echo request without one: what ping(8) sends by default on every system but Windows. */
const ECHO_BYTES = 56;

/**
 * The payload that a UDP step describes: `size=BYTES`, `hex=DIGITS` or `text=TEXT`, of which parseSequence() has checked
 * the form.
 *
 * @returns 0-65507 bytes.
 */
export function bytesOf(data: string): Buffer {
  const value = data.slice(data.indexOf('=') + 1);
  if (/^size=/i.test(data)) return Buffer.alloc(Number(value));
  if (/^hex=/i.test(data)) return Buffer.from(value, 'hex');
  const bytes = Buffer.from(value).toString('latin1');
  const decoded = bytes.replace(/%([\da-f]{2})/gi, (_, digits) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
  return Buffer.from(decoded, 'latin1');
}

/** How many data bytes an ICMP step has, 0-65507: what ping calls its packet size, without headers. */
export function echoSize(data: string | undefined): number {
  return data === undefined ? ECHO_BYTES : Number(data.slice('size='.length));
}
