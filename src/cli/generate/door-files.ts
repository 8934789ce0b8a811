import { shellQuote } from '../../util/text.ts';
import { type ClientSide, type DoorFile, HOST_PLACEHOLDER } from '../config/client-files.ts';

/** A step of the setup; the order avoids a lockout. */
export interface DoorStep {
  readonly side: 'client' | 'server';
  readonly what: string;
  readonly command?: string;
}

/** Both ends of a door. */
export interface DoorFiles {
  /** undefined: the user replaces HOST with a name. */
  readonly host: string | undefined;
  /** The hidden port. */
  readonly port: number;
  readonly client: ClientSide;
  readonly files: readonly DoorFile[];
  /** The user who logs in, if not what ssh's config says. */
  readonly user?: string;
  /** Steps on the server that start its daemon, for pasted files without install.sh. */
  readonly start?: readonly DoorStep[];
}

/** The files as text to paste, each below a line with its path, then the steps. */
export function renderDoorFiles(bundle: DoorFiles): string {
  const files = bundle.files
    .filter(({ path }) => path !== undefined)
    .map((file) => `==> ${file.side}: ${file.path}\n${file.text.replace(/^\n/, '')}`);
  return [...files, `==> in this order\n${renderSteps(pasteSteps(bundle))}`].join('\n');
}

export function renderSteps(steps: readonly DoorStep[]): string {
  return steps
    .map(({ side, what, command }, index) => {
      const line = `${index + 1}. ${side}: ${what}\n`;
      return command === undefined ? line : `${line}     ${command}\n`;
    })
    .join('');
}

/** The steps for pasted files. */
export function pasteSteps(bundle: DoorFiles): DoorStep[] {
  const { host = HOST_PLACEHOLDER, files, start } = bundle;
  const named = files.some(({ text }) => text.includes(`Host ${HOST_PLACEHOLDER}\n`));
  const paste = (side: DoorFile['side']) =>
    files.filter((file) => file.side === side && file.path !== undefined).map(({ path }) => path);
  const instead = named ? `, replacing ${HOST_PLACEHOLDER} with the name you type to ssh` : '';
  const own = {
    side: 'client',
    what: `put ${paste('client').join(', ')} in place (mode 600)${instead}`,
  } as const;
  const theirs = { side: 'server', what: `put ${paste('server').join(', ')} in place (mode 600)` } as const;
  if (start === undefined) return [theirs, own, ...serverSteps(bundle)];
  return [
    own,
    theirs,
    ...start,
    {
      side: 'server',
      what: 'load the firewall as described in its comment: it is undone unless you keep it',
    },
    { side: 'client', what: 'log in from a second terminal, then keep the firewall', command: `ssh ${host}` },
  ];
}

/** The steps after both ends have their files. */
function serverSteps({ host = HOST_PLACEHOLDER }: DoorFiles): DoorStep[] {
  return [
    {
      side: 'server',
      what: 'hide the port, as root or with sudo; after 3 minutes it opens again by itself',
      command: 'sh door/install.sh',
    },
    {
      side: 'client',
      what: 'log in through the door from a second terminal, over a separate connection',
      command: loginCommand(host),
    },
    {
      side: 'server',
      what: 'if that works, keep the door, also across reboots',
      command: 'sh door/install.sh keep',
    },
  ];
}

/** A login that cannot go through the connection of an earlier one (ControlMaster): it would prove nothing. */
export function loginCommand(host: string): string {
  return `ssh -S none ${host}`;
}

/** The steps for files in a folder. `added`: this machine is already set up as the client. */
export function folderSteps(bundle: DoorFiles, folder: string, added: boolean): DoorStep[] {
  const copy = copyCommand(bundle, folder).map(shellQuote).join(' ');
  const own = bundle.files
    .filter(({ side }) => side === 'client')
    .map(({ name, path }) => `${name}: ${path}`);
  return [
    { side: 'client', what: 'copy the files of the server, while its port is still open', command: copy },
    ...(added ? [] : [{ side: 'client', what: `put in place (mode 600) ${own.join(', ')}` } as const]),
    ...serverSteps(bundle),
    {
      side: 'client',
      what: 'remove the directory: it holds the secret',
      command: `rm -r ${shellQuote(folder)}`,
    },
  ];
}

/** Past the ProxyCommand, through which the first one-time sequence would be spent, and past a master's connection. */
function copyCommand({ host = HOST_PLACEHOLDER, port, user }: DoorFiles, folder: string): string[] {
  const address = `${user === undefined ? '' : `${user}@`}${host.includes(':') ? `[${host}]` : host}`;
  const where = port === 22 ? [] : ['-P', String(port)];
  return ['scp', '-rp', '-o', 'ProxyCommand=none', ...where, `${folder}/server`, `${address}:door`];
}
