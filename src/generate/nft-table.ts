/** The one nftables table of knockproxy; loading a text again replaces it, and nothing else on the machine. */
const NFT_TABLE = 'inet knockproxy';

/** Elements a set may hold: a flood of forged senders fills a set, not the memory. */
const NFT_SET_SIZE = 65_535;

/** The sets of who may come in, by family. */
export const OPEN_SETS = { 4: 'open_v4', 6: 'open_v6' } as const;

/** `element ...` for nft's add and delete. */
export function openElement(family: 4 | 6, element: string): string {
  return `element ${NFT_TABLE} ${OPEN_SETS[family]} { ${element} }`;
}

/** A table in nft's syntax that replaces the one before it in one transaction (nft -f). */
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

/** The chain through which every packet to this machine goes: what no rule accepts is dropped. */
export function nftInputChain(rules: readonly string[]): string {
  return nftChain('input', ['type filter hook input priority 0; policy drop;', ...rules]);
}
