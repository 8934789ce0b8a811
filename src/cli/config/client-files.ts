import { passedNames } from '../../config-edit/quote-word.ts';

/** A file for one end of a door. */
export interface DoorFile {
  readonly side: 'client' | 'server';
  /** Its name in a folder written with --out. */
  readonly name: string;
  /** Its path on its machine; undefined: it is used in that folder. */
  readonly path?: string;
  readonly text: string;
}

/** Placeholder for an unknown host. */
export const HOST_PLACEHOLDER = 'HOST';

/** A file of secrets in the client's ~/.ssh. */
interface ClientSecret {
  /** Part of the file's name. */
  readonly kind: 'one_time' | 'spa';
  /** The keyword that names it. */
  readonly keyword: string;
  readonly text: string;
}

/** The client's end of a door. */
export interface ClientSide {
  /** Lines of the Host block in knock_config. */
  readonly door: readonly string[];
  readonly secret?: ClientSecret;
}

/** Where ssh goes. */
interface ClientHost {
  readonly host: string | undefined;
  readonly port: number;
  readonly user?: string;
}

/** Name of a secret's file beside knock_config. */
export function secretName(host: string, { kind }: Pick<ClientSecret, 'kind'>): string {
  return `knock_${kind}.${host.replaceAll('/', '_')}`;
}

export const SECRET_KINDS: readonly ClientSecret['kind'][] = ['one_time', 'spa'];

/** All lines of the Host block in knock_config. @param file path of the secret's file, as a word. */
export function knockLines({ door, secret }: ClientSide, file: string): string[] {
  return [...(secret ? [`${secret.keyword} ${file}`] : []), ...door];
}

/** The client's files, for pasting. */
export function clientFiles(
  { host = HOST_PLACEHOLDER, port, user }: ClientHost,
  side: ClientSide,
): DoorFile[] {
  const { secret } = side;
  const name = secret && secretName(host, secret);
  const proxy = [
    ...(port === 22 ? [] : [`Port ${port}`]),
    ...(user === undefined ? [] : [`User ${user}`]),
    `ProxyCommand knockproxy ${passedNames('host')}`,
  ];
  const door = knockLines(side, `~/.ssh/${name}`);
  return [
    { side: 'client', name: 'config', path: '~/.ssh/config', text: block(host, proxy) },
    { side: 'client', name: 'knock_config', path: '~/.ssh/knock_config', text: block(host, door) },
    ...(secret ? [{ side: 'client', name: name!, path: `~/.ssh/${name}`, text: secret.text } as const] : []),
  ];
}

/** Begins with an empty line: the file that it is appended to may end without a newline. */
function block(host: string, lines: readonly string[]): string {
  return ['', `Host ${host}`, ...lines.map((line) => `  ${line}`), ''].join('\n');
}
