import type { Step } from '../plan/sequence.ts';
import { parsePort } from '../util/text.ts';
import { HEADERS, TRANSPORT_HEADER, toStep } from './packet-step.ts';

/**
 * The knock that the matches of a rule of nftables describe.
 *
 * @param rule without its statements.
 * @returns undefined: it matches any packet; a text: why it is not understood.
 */
export function nftStep(rule: string, isV6: boolean): Step | string | undefined {
  const port = dport(rule);
  const isEcho = ECHO.test(rule);
  const hasContent = /@(th|ih|nh|ll),/.test(rule);
  if (/\bicmp(v6|x)?\s+(?!type\b)\w/.test(rule) || (!isEcho && /\bicmp(v6|x)?\s+type\b/.test(rule)))
    return 'only the type echo-request of ICMP can be sent';
  if (/\b(tcp|udp|th)\s+sport\b/.test(rule)) return 'a match on the source port of a knock is not supported';
  if (!isEcho && port === undefined) {
    return hasContent || LENGTH.test(rule) ? 'a knock rule must match a tcp or udp port' : undefined;
  }
  if (port !== undefined && port.number === undefined) return 'a knock rule must match exactly one port';
  const size = sizeOf(rule, isV6);
  const content = hasContent ? contentOf(rule) : undefined;
  if (typeof size === 'string') return size;
  if (typeof content === 'string') return content;
  if (isEcho) return toStep({ protocol: 'icmp', port: 0, size, content });
  const { protocol, number } = port as { protocol: 'tcp' | 'udp'; number: number };
  if (protocol === 'udp') return toStep({ protocol, port: number, size, content });
  const isPlain = size === undefined && content === undefined;
  return isPlain
    ? { port: number, protocol }
    : 'a match on the length or content of a tcp knock is not supported';
}

const ECHO =
  /\b(icmp\s+type\s+(echo-request|8)|icmpv6\s+type\s+(echo-request|128)|(ip\s+protocol|meta\s+l4proto)\s+(icmp|1))(?![\w-])/;
const LENGTH = /\b(meta|ip|ip6|udp)\s+length\b/;

function dport(rule: string): { protocol: string; number: number | undefined } | undefined {
  const [, protocol, value = ''] = /\b(tcp|udp)\s+dport\s+(\{[^}]*\}|\S+)/.exec(rule) ?? [];
  return protocol === undefined ? undefined : { protocol, number: parsePort(value.replace(/[{}\s]/g, '')) };
}

/** Without the headers that each of these counts. */
function sizeOf(rule: string, isV6: boolean): number | string | undefined {
  const counted = {
    meta: HEADERS[isV6 ? 6 : 4],
    ip: HEADERS[4],
    ip6: TRANSPORT_HEADER,
    udp: TRANSPORT_HEADER,
  };
  const found = [...rule.matchAll(/\b(meta|ip|ip6|udp)\s+length\s+(\S+)/g)];
  if (found.some(([, , value]) => !/^\d{1,5}$/.test(value!))) return 'a range of lengths is not supported';
  const sizes = found.map(([, what, value]) => Number(value) - counted[what as keyof typeof counted]);
  return new Set(sizes).size > 1 ? 'the lengths in this rule contradict each other' : sizes[0];
}

/** Raw matches, in bits: @th from the header of UDP, @ih from its payload. nft prints a value without leading zeros. */
function contentOf(rule: string): { at: number; bytes: Buffer } | string {
  const parts = [...rule.matchAll(/@(\w+),(\d{1,6}),(\d{1,3})\s+(\S+)/g)].map(
    ([, base, offset, bits, value]) => ({
      at: Number(offset) - (base === 'th' ? 8 * TRANSPORT_HEADER : 0),
      bits: Number(bits),
      value: value!,
      isKnown: base === 'th' || base === 'ih',
    }),
  );
  const isRead = parts.every(
    ({ at, bits, value, isKnown }) =>
      isKnown &&
      at >= 0 &&
      at % 8 === 0 &&
      bits > 0 &&
      bits % 8 === 0 &&
      /^(0x[\da-f]{1,32}|\d{1,38})$/i.test(value),
  );
  const sorted = [...parts].sort((a, b) => a.at - b.at);
  const isWhole = sorted.every(({ at }, n) => n === 0 || at === sorted[n - 1]!.at + sorted[n - 1]!.bits);
  if (!isRead || !isWhole || sorted.length === 0)
    return 'this match on the content of a knock is not supported';
  const hex = sorted.map(({ bits, value }) =>
    BigInt(value)
      .toString(16)
      .padStart(bits / 4, '0'),
  );
  return { at: sorted[0]!.at / 8, bytes: Buffer.from(hex.join(''), 'hex') };
}
