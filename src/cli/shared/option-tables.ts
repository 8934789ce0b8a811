import type { OperandTable, OptionTable, OptionValues } from './command.ts';

/** Of the commands that edit a person's files. */
export const FILE_OPTIONS = {
  config: { type: 'text', alias: 'F', value: 'FILE', help: 'use instead of ~/.ssh/config' },
  'knock-config': { type: 'text', value: 'FILE', help: 'use instead of ~/.ssh/knock_config' },
} as const satisfies OptionTable;

export const YES = { type: 'flag', alias: 'y', help: 'do not ask' } as const;

/** Of the commands that write a host's lines. */
export const SET_UP_OPTIONS = {
  ...FILE_OPTIONS,
  hostname: { type: 'text', value: 'HOST', help: 'HostName for the block' },
  port: { type: 'text', alias: 'p', value: 'PORT', help: 'Port for the block' },
  user: { type: 'text', alias: 'l', value: 'USER', help: 'User for the block' },
  fdpass: { type: 'flag', help: 'pass the socket to ssh: ProxyUseFdpass yes' },
  portable: { type: 'flag', help: 'write the bare command name instead of absolute paths' },
  yes: YES,
  force: { type: 'flag', help: 'override existing settings' },
} as const satisfies OptionTable;

export type SetUpArgs = OptionValues<typeof SET_UP_OPTIONS>;

/** Of the commands that reach a host. */
export const HOST_OPTIONS = {
  ipv4: { type: 'flag', alias: '4', help: 'IPv4 only', conflicts: ['ipv6'] },
  ipv6: { type: 'flag', alias: '6', help: 'IPv6 only' },
  config: { type: 'text', alias: 'F', value: 'FILE', help: "use instead of ssh's files" },
  'knock-config': { type: 'text', value: 'FILE|none', help: 'use instead of ~/.ssh/knock_config' },
} as const satisfies OptionTable;

/** A host of those commands, with what its options say. */
export type HostArgs = OptionValues<typeof HOST_OPTIONS> & { readonly host: string; readonly port?: string };

/** undefined: either. */
export function familyOf({ ipv4, ipv6 }: OptionValues<typeof HOST_OPTIONS>): 4 | 6 | undefined {
  return ipv4 ? 4 : ipv6 ? 6 : undefined;
}

export const HOST = {
  host: { shown: 'HOST', help: 'name as you type it to ssh' },
} as const satisfies OperandTable;

export const VERBOSE = { type: 'count', alias: 'v', help: 'log progress, never the ports' } as const;
