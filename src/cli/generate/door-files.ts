import { shellQuote } from '../../util/text.ts';
import { type ClientSide, type DoorFile, HOST_PLACEHOLDER } from '../config/client-files.ts';

/** What to do, in an order that locks nobody out. */
export interface DoorStep {
  readonly side: 'client' | 'server';
  readonly what: string;
  readonly command?: string;
}

/** Both ends of a door. */
export interface DoorFiles {
  /** undefined: the user puts a name in place of HOST. */
  readonly host: string | undefined;
  /** The hidden port. */
  readonly port: number;
  readonly client: ClientSide;
  readonly files: readonly DoorFile[];
  /** Steps on the server that start its daemon, for those who paste. */
  readonly start: readonly DoorStep[];
}

/** The files as text to paste, each under a line that says where it belongs, then the steps. */
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

/** For those who paste. */
export function pasteSteps({ host = HOST_PLACEHOLDER, files, start }: DoorFiles): DoorStep[] {
  const named = files.some(({ text }) => text.includes(`Host ${HOST_PLACEHOLDER}\n`));
  const paste = (side: DoorFile['side']) =>
    files.filter((file) => file.side === side && file.path !== undefined).map(({ path }) => path);
  const instead = named ? `, with the name you type to ssh in place of ${HOST_PLACEHOLDER}` : '';
  return [
    { side: 'client', what: `put ${paste('client').join(', ')} in place (mode 600)${instead}` },
    { side: 'server', what: `put ${paste('server').join(', ')} in place (mode 600)` },
    ...start,
    { side: 'server', what: 'load the firewall as its comment says: it undoes itself until you keep it' },
    { side: 'client', what: 'log in from a second terminal, then keep the firewall', command: `ssh ${host}` },
  ];
}

/** For those who have the files in a folder; `added`: this machine is set up as the client already. */
export function folderSteps(bundle: DoorFiles, folder: string, added: boolean): DoorStep[] {
  const { host = HOST_PLACEHOLDER, port } = bundle;
  const address = host.includes(':') ? `[${host}]` : host;
  const from = shellQuote(`${folder}/server`);
  const copy = `scp -rp -o ProxyCommand=none ${port === 22 ? '' : `-P ${port} `}${from} root@${address}:door`;
  const own = bundle.files
    .filter(({ side }) => side === 'client')
    .map(({ name, path }) => `${name}: ${path}`);
  return [
    { side: 'client', what: 'copy the server side over, while its port is still open', command: copy },
    ...(added ? [] : [{ side: 'client', what: `put in place (mode 600) ${own.join(', ')}` } as const]),
    {
      side: 'server',
      what: 'set it up, as root; a firewall that is not kept undoes itself in 3 minutes',
      command: 'sh door/install.sh',
    },
    { side: 'client', what: 'log in from a second terminal', command: `ssh ${host}` },
    { side: 'server', what: 'it works: keep it', command: 'sh door/install.sh keep' },
  ];
}
