import { lowerAscii, toBytes } from '../util/bytes.ts';
import { type Blocks, loadFile } from './blocks.ts';
import { type FirstValues, toSetting } from './first-values.ts';
import { KeywordTable } from './keyword-table.ts';
import type { LoadContext, WantedFile } from './read-file.ts';
import type { ConfigFiles, ConfigSystem, FileRead, Query, Setting, Wanted } from './types.ts';

/** The loaded files, before evaluation for a host. */
export interface Config {
  readonly table: KeywordTable;
  readonly knock: Blocks;
  readonly ssh: Blocks;
  readonly filesRead: readonly FileRead[];
  readonly system: ConfigSystem;
}

export interface LoadOptions {
  /** The values of the tokens in Include arguments. */
  readonly query?: Query;
  /** The Knock keywords as documented, for a misspelt one. */
  readonly spellings?: readonly string[];
}

/**
 * Reads knock_config, then ssh's user and system file, with their Includes.
 *
 * @throws KnockproxyError for a file that ssh would not read either, one with an unsafe mode, and a misplaced keyword.
 */
export function loadConfig(
  files: ConfigFiles,
  wanted: Wanted,
  system: ConfigSystem,
  { query, spellings }: LoadOptions = {},
): Config {
  const table = new KeywordTable(wanted, [], spellings);
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
  return { table, knock, ssh, filesRead, system };
}

/** The files of ssh.c (process_config_files), after knock_config. */
function topFiles(files: ConfigFiles, machine: ConfigSystem): WantedFile[] {
  const { knockIsExplicit, userIsExplicit } = files;
  const { knock = '~/.ssh/knock_config', user = '~/.ssh/config' } = files;
  const { system = userIsExplicit ? 'none' : '/etc/ssh/ssh_config' } = files;
  const all: WantedFile[] = [
    {
      path: toBytes(knock),
      kind: 'knock',
      checkMode: true,
      ignoreError: (code) => !knockIsExplicit && code === 'ENOENT',
    },
    { path: toBytes(user), kind: 'user', checkMode: !userIsExplicit, ignoreError: () => !userIsExplicit },
    { path: toBytes(system), kind: 'system', checkMode: false, ignoreError: () => true },
  ];
  return all
    .filter(({ path }) => lowerAscii(path) !== 'none')
    .map((file) => ({ ...file, path: file.path.replace(/^~(?=\/)/, () => toBytes(machine.home)) }));
}

/** The tokens of `Match exec` that are known before the files are read. */
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
