import type { OptionTable, OptionValues } from '../shared/command.ts';
import { FILE_OPTIONS } from '../shared/option-tables.ts';
import { SERVERS } from './server-presets.ts';

const SEQUENCE = ['count', 'min', 'max', 'protocols', 'ports', 'close-sequence', 'one-time'];

export const GENERATE_OPTIONS = {
  ...FILE_OPTIONS,
  count: text('N', 'number of steps, 1-31; default 10'),
  min: text('PORT', 'lowest port; default 10000'),
  max: text('PORT', 'highest port; default 65535'),
  protocols: text('tcp|udp|tcp,udp', 'protocols of the knocks; default both'),
  ports: { ...text('LIST', 'use only these ports, PORT[:tcp|:udp],...'), conflicts: ['min', 'max'] },
  port: text('PORT', 'the hidden TCP port; default: the one that ssh uses'),
  user: { ...text('USER', 'the user to log in as; default: the one that ssh uses'), alias: 'l' },
  client: text('NAME', "the name of this secret on the server; default: this machine's name"),
  'close-sequence': { type: 'flag', help: 'generate a second sequence that closes the door' },
  'one-time': text('N', 'a file of N sequences, each opening once; the last one is never used'),
  server: {
    type: 'text',
    help: 'the knock daemon, or nftables alone',
    choices: SERVERS,
    default: 'knockd',
  },
  firewall: {
    type: 'text',
    help: 'close the whole server with this firewall, not only the port',
    choices: ['iptables', 'nftables'],
  },
  allow: text('LIST', 'with --firewall: ports that stay open for everybody, PORT[:tcp|:udp],...'),
  interface: text('NAME', "the daemon's network interface; default: that of the login that runs install.sh"),
  'sequence-stdin': {
    type: 'flag',
    help: 'read the sequence from standard input instead of generating it',
    conflicts: [...SEQUENCE, 'format', 'spa'],
  },
  spa: {
    type: 'flag',
    help: "generate keys for fwknop's single packet instead of a sequence",
    conflicts: SEQUENCE,
  },
  'spa-allow': {
    ...text('ADDRESS|URL', 'with --spa: let in only this address, or the one that URL returns'),
    implies: 'spa',
  },
  format: {
    type: 'text',
    help: 'print only the sequence, for knock(1) or in knockd.conf syntax',
    choices: ['knock', 'knockd'],
    conflicts: ['spa', 'one-time', 'close-sequence', 'out', 'json', 'add'],
  },
  out: text('DIR', 'write the files to this folder instead of printing them'),
  ssh: {
    type: 'flag',
    help: 'set up both ends over ssh: copy, install, edit this machine, log in through the door, keep',
    conflicts: ['json', 'format', 'out', 'add'],
  },
  add: {
    type: 'flag',
    help: 'with --out: set up this machine as the client, like knockproxy add',
    conflicts: ['json'],
  },
  portable: { type: 'flag', help: 'with --add: write the bare command name instead of absolute paths' },
  yes: { type: 'flag', alias: 'y', help: 'do not ask' },
  force: { type: 'flag', help: 'overwrite existing files and, with --add, override an existing door' },
  json: { type: 'flag', help: 'print as JSON' },
} as const satisfies OptionTable;

export type GenerateArgs = OptionValues<typeof GENERATE_OPTIONS> & { readonly host?: string };

function text(value: string, help: string) {
  return { type: 'text', value, help } as const;
}
