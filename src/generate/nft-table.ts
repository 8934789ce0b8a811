/** The nftables table of knockproxy; loading a file again replaces only this table. */
const NFT_TABLE = 'inet knockproxy';

/** The maximum size of a set, so that a flood of forged senders does not fill the memory. */
const NFT_SET_SIZE = 65_535;

/** The sets of addresses that are let in, by family. */
export const OPEN_SETS = { 4: 'open_v4', 6: 'open_v6' } as const;

/** `element ...` for nft's add and delete. */
export function openElement(family: 4 | 6, element: string): string {
  return `element ${NFT_TABLE} ${OPEN_SETS[family]} { ${element} }`;
}

/** A table in nft's syntax that replaces the previous one in one transaction (nft -f). */
export function nftTable(parts: readonly string[]): string {
  const body = parts.map((part) => part.replace(/^(?=.)/gm, '  ')).join('\n');
  return `add table ${NFT_TABLE}\ndelete table ${NFT_TABLE}\ntable ${NFT_TABLE} {\n${body}\n}\n`;
}

export function nftSet(name: string, type: string, flags: string): string {
  return `set ${name} { type ${type}; flags ${flags}; size ${NFT_SET_SIZE}; }`;
}

export function nftChain(name: string, rules: readonly string[]): string {
  return [`chain ${name} {`, ...rules.map((rule) => `  ${rule}`), '}'].join('\n');
}

/** The chain for every packet to this machine: a packet that no rule accepts is dropped. */
export function nftInputChain(rules: readonly string[]): string {
  return nftChain('input', ['type filter hook input priority 0; policy drop;', ...rules]);
}
