import { lowerAscii, toBytes } from '../util/bytes.ts';
import { type Blocks, loadFile } from './blocks.ts';
import { type FirstValues, toSetting } from './first-values.ts';
import { KeywordTable } from './keyword-table.ts';
import type { LoadContext, WantedFile } from './read-file.ts';
import type { ConfigFiles, ConfigSystem, FileRead, Query, Setting, Wanted } from './types.ts';

/** Loaded files: what is the same for every host. */
export interface Config {
  readonly table: KeywordTable;
  readonly knock: Blocks;
  readonly ssh: Blocks;
  readonly filesRead: readonly FileRead[];
  readonly system: ConfigSystem;
}

export interface LoadOptions {
  /** Every keyword of ours, lower case; the wanted ones count as well. */
  readonly known?: Iterable<string>;
  /** Gives the tokens of an Include argument their values. */
  readonly query?: Query;
}

/**
 * Reads knock_config, then ssh's user and system file, with all they include.
 *
 * @throws KnockproxyError for a file that cannot be read where ssh would stop, or must not by its mode, and for
 *   a keyword that does not belong.
 */
export function loadConfig(
  files: ConfigFiles,
  wanted: Wanted,
  system: ConfigSystem,
  { known = [], query }: LoadOptions = {},
): Config {
  const table = new KeywordTable(wanted, known);
  const knock: Blocks = { kind: 'knock', blocks: [] };
  const ssh: Blocks = { kind: 'ssh', blocks: [] };
  const filesRead: FileRead[] = [];
  const context: LoadContext = {
    table,
    system,
    token: (letter) => includeToken(letter, query, system),
    filesRead,
    scanned: new Map(),
  };
  for (const top of topFiles(files, system)) loadFile(top, top.kind === 'knock' ? knock : ssh, context);
  // A later check (knock_config readable by others) can go by `filesRead`, which has mode, uid and keywords.
  return { table, knock, ssh, filesRead, system };
}

/** ssh.c, process_config_files, with ours before them. */
function topFiles(files: ConfigFiles, machine: ConfigSystem): WantedFile[] {
  const { knockIsExplicit, userIsExplicit } = files;
  const { knock = '~/.ssh/knock_config', user = '~/.ssh/config' } = files;
  const { system = userIsExplicit ? 'none' : '/etc/ssh/ssh_config' } = files;
  const all: WantedFile[] = [
    {
      path: toBytes(knock),
      kind: 'knock',
      checkMode: true,
      mayLack: (code) => !knockIsExplicit && code === 'ENOENT',
    },
    { path: toBytes(user), kind: 'user', checkMode: !userIsExplicit, mayLack: () => !userIsExplicit },
    { path: toBytes(system), kind: 'system', checkMode: false, mayLack: () => true },
  ];
  return all
    .filter(({ path }) => lowerAscii(path) !== 'none')
    .map((file) => ({ ...file, path: file.path.replace(/^~(?=\/)/, () => toBytes(machine.home)) }));
}

/** The tokens of `Match exec`, as far as they are known before the files are read. */
function includeToken(letter: string, query: Query | undefined, system: ConfigSystem): string | undefined {
  switch (letter) {
    case 'd':
      return toBytes(system.home);
    case 'i':
      return String(system.uid);
    case 'l':
      return system.hostname();
    case 'L':
      return system.hostname().split('.', 1)[0];
    case 'u':
      return toBytes(system.localUser);
    case 'j':
      return '';
    case 'n':
      return query && toBytes(query.alias);
    case 'h':
    case 'k':
      return query && toBytes(query.host ?? query.alias);
    case 'p':
      return query && String(query.port);
    case 'r':
      return query && toBytes(query.user ?? system.localUser);
    default:
      return undefined;
  }
}

export function settingsOf(state: FirstValues): Map<string, Setting> {
  return new Map([...state.taken].map(([slot, taken]) => [slot, toSetting(taken)]));
}
