import type { Step } from '../plan/sequence.ts';
import { MAX_PORT } from '../util/text.ts';

/** The headers of IPv4 or IPv6 and of UDP or ICMP, in bytes: what firewalls count and a step does not. */
export const HEADERS = { 4: 28, 6: 48 } as const;
/** Of UDP and of ICMP. */
export const TRANSPORT_HEADER = 8;

/** What a rule says of a knock. */
interface PacketMatch {
  readonly protocol: 'udp' | 'icmp';
  /** 0 with icmp. */
  readonly port: number;
  /** Without headers; undefined: any. */
  readonly size?: number | undefined;
  /** What the payload contains, and where it begins. */
  readonly content?: { readonly at: number; readonly bytes: Buffer } | undefined;
}

/** The packet to send: the bytes that the rule does not look at are zero. @returns a text: why there is none. */
export function toStep({ protocol, port, size, content }: PacketMatch): Step | string {
  const contentEnd = content === undefined ? 0 : content.at + content.bytes.length;
  if (size !== undefined && (size < 0 || size > MAX_PORT - HEADERS[4])) return 'no packet has this length';
  if (contentEnd > (size ?? MAX_PORT - HEADERS[4])) return 'the content does not fit into the length';
  if (content === undefined) return { port, protocol, ...(size !== undefined && { data: `size=${size}` }) };
  if (protocol === 'icmp') return 'a match on the content of an ICMP packet is not supported';
  const payload = Buffer.alloc(size ?? contentEnd);
  content.bytes.copy(payload, content.at);
  return { port, protocol, data: `hex=${payload.toString('hex')}` };
}
