import type { OperandTable, OptionTable, OptionValues } from './command.ts';

/** Of the commands that edit a person's files. */
export const FILE_OPTIONS = {
  config: {
    type: 'text',
    alias: 'F',
    value: 'FILE',
    completes: 'file',
    help: 'use FILE instead of ~/.ssh/config',
  },
  'knock-config': {
    type: 'text',
    value: 'FILE',
    completes: 'file',
    help: 'use FILE instead of ~/.ssh/knock_config',
  },
} as const satisfies OptionTable;

export const DRY_RUN = {
  type: 'flag',
  help: 'show what would change; ask nothing, and write nothing',
} as const;

export const YES = { type: 'flag', alias: 'y', help: 'make the changes without asking' } as const;

/** Of the commands that write a host's lines. */
export const SET_UP_OPTIONS = {
  ...FILE_OPTIONS,
  hostname: { type: 'text', value: 'HOST', help: 'write HostName HOST: the name or address to connect to' },
  port: { type: 'text', alias: 'p', value: 'PORT', help: 'write Port PORT: the hidden port' },
  user: { type: 'text', alias: 'l', value: 'USER', help: 'write User USER: the user to log in as' },
  fdpass: {
    type: 'flag',
    help: 'write ProxyUseFdpass yes: ssh gets the connected socket, and knockproxy exits',
  },
  portable: {
    type: 'flag',
    help: 'write the command name knockproxy instead of absolute paths of this machine',
  },
  yes: YES,
  'dry-run': DRY_RUN,
  force: { type: 'flag', help: 'override existing settings of the host' },
} as const satisfies OptionTable;

export type SetUpArgs = OptionValues<typeof SET_UP_OPTIONS>;

/** Of the commands that reach a host. */
export const HOST_OPTIONS = {
  ipv4: { type: 'flag', alias: '4', help: 'use IPv4 addresses only', conflicts: ['ipv6'] },
  ipv6: { type: 'flag', alias: '6', help: 'use IPv6 addresses only' },
  'bind-address': { type: 'text', alias: 'b', value: 'ADDRESS', help: 'send from this local address' },
  config: {
    type: 'text',
    alias: 'F',
    value: 'FILE',
    completes: 'file',
    help: 'read FILE instead of ~/.ssh/config and /etc/ssh/ssh_config',
  },
  'knock-config': {
    type: 'text',
    value: 'FILE|none',
    completes: 'file',
    help: 'read FILE instead of ~/.ssh/knock_config; none: read no such file',
  },
} as const satisfies OptionTable;

/** A host of those commands, with what its options say. */
export type HostArgs = OptionValues<typeof HOST_OPTIONS> & { readonly host: string; readonly port?: string };

/** undefined: either. */
export function familyOf({ ipv4, ipv6 }: OptionValues<typeof HOST_OPTIONS>): 4 | 6 | undefined {
  return ipv4 ? 4 : ipv6 ? 6 : undefined;
}

/** What -b says: it wins over the configuration. */
export function boundTo({ bindAddress }: OptionValues<typeof HOST_OPTIONS>): {
  readonly bindAddress?: string;
} {
  return bindAddress === undefined ? {} : { bindAddress };
}

export const HOST = {
  host: { shown: 'HOST', help: 'the name as you type it to ssh', completes: 'door' },
} as const satisfies OperandTable;

export const VERBOSE = {
  type: 'count',
  alias: 'v',
  help: 'log progress to standard error, never the ports; may be given up to three times',
} as const;
