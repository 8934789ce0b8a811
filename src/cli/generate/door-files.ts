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
  /** Steps on the server that start its daemon, for pasted files. */
  readonly start: readonly DoorStep[];
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
export function pasteSteps({ host = HOST_PLACEHOLDER, files, start }: DoorFiles): DoorStep[] {
  const named = files.some(({ text }) => text.includes(`Host ${HOST_PLACEHOLDER}\n`));
  const paste = (side: DoorFile['side']) =>
    files.filter((file) => file.side === side && file.path !== undefined).map(({ path }) => path);
  const instead = named ? `, replacing ${HOST_PLACEHOLDER} with the name you type to ssh` : '';
  return [
    { side: 'client', what: `put ${paste('client').join(', ')} in place (mode 600)${instead}` },
    { side: 'server', what: `put ${paste('server').join(', ')} in place (mode 600)` },
    ...start,
    {
      side: 'server',
      what: 'load the firewall as described in its comment: it is undone unless you keep it',
    },
    { side: 'client', what: 'log in from a second terminal, then keep the firewall', command: `ssh ${host}` },
  ];
}

/** The steps for files in a folder. `added`: this machine is already set up as the client. */
export function folderSteps(bundle: DoorFiles, folder: string, added: boolean): DoorStep[] {
  const { host = HOST_PLACEHOLDER, port } = bundle;
  const address = host.includes(':') ? `[${host}]` : host;
  const from = shellQuote(`${folder}/server`);
  const copy = `scp -rp -o ProxyCommand=none ${port === 22 ? '' : `-P ${port} `}${from} root@${address}:door`;
  const own = bundle.files
    .filter(({ side }) => side === 'client')
    .map(({ name, path }) => `${name}: ${path}`);
  return [
    { side: 'client', what: 'copy the files of the server, while its port is still open', command: copy },
    ...(added ? [] : [{ side: 'client', what: `put in place (mode 600) ${own.join(', ')}` } as const]),
    {
      side: 'server',
      what: 'set it up, as root; the firewall is undone after 3 minutes unless you keep it',
      command: 'sh door/install.sh',
    },
    { side: 'client', what: 'log in from a second terminal', command: `ssh ${host}` },
    { side: 'server', what: 'if that works, keep it', command: 'sh door/install.sh keep' },
  ];
}
