import type { OptionTable, OptionValues } from '../shared/command.ts';
import { DRY_RUN, FILE_OPTIONS } from '../shared/option-tables.ts';
import { SERVERS } from './server-presets.ts';

const SEQUENCE = ['count', 'min', 'max', 'protocols', 'ports', 'close-sequence', 'one-time'];

export const GENERATE_OPTIONS = {
  ...FILE_OPTIONS,
  count: text('N', 'generate a sequence of N steps, 1 to 31; default 10'),
  min: text('PORT', 'use no port below PORT; default 10000'),
  max: text('PORT', 'use no port above PORT; default 65535'),
  protocols: text('tcp|udp|tcp,udp', 'knock over these protocols; default both'),
  ports: { ...text('LIST', 'choose from these ports only, PORT[:tcp|:udp],...'), conflicts: ['min', 'max'] },
  port: text('PORT', 'hide TCP port PORT; default: the one that ssh uses'),
  user: { ...text('USER', 'log in as USER; default: the one that ssh uses'), alias: 'l' },
  client: text('NAME', "store this secret on the server under NAME; default: this machine's name"),
  'close-sequence': { type: 'flag', help: 'generate a second sequence, which closes the door' },
  'one-time': text('N', 'generate a file of N one-time sequences; the last one is never used'),
  server: {
    type: 'text',
    help: 'what opens the door: a knock daemon, or nftables alone',
    choices: SERVERS,
    default: 'knockd',
  },
  firewall: {
    type: 'text',
    help: 'close the whole server with this firewall, not only the port',
    choices: ['iptables', 'nftables'],
  },
  allow: text('LIST', 'with --firewall, keep these ports open to everyone, PORT[:tcp|:udp],...'),
  interface: text(
    'NAME',
    'listen on network interface NAME; default: that of the login that runs install.sh',
  ),
  'sequence-stdin': {
    type: 'flag',
    help: 'read the sequence from standard input instead of generating it',
    conflicts: [...SEQUENCE, 'format', 'spa'],
  },
  spa: {
    type: 'flag',
    help: 'generate keys for fwknop (single packet authorization) instead of a sequence',
    conflicts: SEQUENCE,
  },
  'spa-allow': {
    ...text('ADDRESS|URL', 'with --spa, let in only ADDRESS, or the one that URL returns'),
    implies: 'spa',
  },
  format: {
    type: 'text',
    help: 'print only the sequence, for knock(1) or in the syntax of knockd.conf',
    choices: ['knock', 'knockd'],
    conflicts: ['spa', 'one-time', 'close-sequence', 'out', 'json', 'add'],
  },
  out: { ...text('DIR', 'write the files to the directory DIR instead of printing them'), completes: 'file' },
  ssh: {
    type: 'flag',
    help: 'set up both ends over ssh: copy, install, edit the files of this machine, log in through the door, keep it',
    conflicts: ['json', 'format', 'out', 'add'],
  },
  add: {
    type: 'flag',
    help: 'with --out, set up this machine as the client, like knockproxy add',
    conflicts: ['json'],
  },
  portable: {
    type: 'flag',
    help: 'with --add, write the command name knockproxy instead of absolute paths of this machine',
  },
  yes: { type: 'flag', alias: 'y', help: 'make the changes without asking' },
  'dry-run': { ...DRY_RUN, conflicts: ['json', 'format'] },
  force: { type: 'flag', help: 'overwrite existing files and, with --add, override an existing door' },
  json: { type: 'flag', help: 'print the files and the steps as JSON' },
} as const satisfies OptionTable;

export type GenerateArgs = OptionValues<typeof GENERATE_OPTIONS> & { readonly host?: string };

function text(value: string, help: string) {
  return { type: 'text', value, help } as const;
}
