import fs from 'node:fs';
import path from 'node:path';
import { KEYWORDS, KNOCK_KEYWORDS as spellings } from '../../config/keywords.ts';
import {
  type Config,
  type ConfigFiles,
  type ConfigSystem,
  destinationOf,
  evaluateConfig,
  loadConfig,
  type Settings,
} from '../../ssh-config/evaluate.ts';
import { realSystem } from '../../ssh-config/system.ts';
import { toBytes } from '../../util/bytes.ts';
import { configError, usageError } from '../../util/errors.ts';
import { explain, type FileChange, type FileIo, readIfThere } from './replace-file.ts';

/** Files to edit instead of the usual ones. */
export interface FileArgs {
  config?: string;
  knockConfig?: string;
}

/** The two files to edit, as read. Texts are bytes as latin1, undefined if the file does not exist. */
export interface EditableConfigs {
  readonly config: { readonly path: string; readonly text: string | undefined };
  readonly knock: { readonly path: string; readonly text: string | undefined };
  /** Those named on the command line: ProxyCommand has to name them, too. */
  readonly named: { readonly configFile?: string; readonly knockConfig?: string };
  /** For the files that these include; by default the machine itself. */
  readonly system?: ConfigSystem;
}

/** Reads both files. @throws KnockproxyError for an unreadable file, and for `none`. */
export function readEditableConfigs(
  { config, knockConfig }: FileArgs,
  io?: Pick<FileIo, 'readFileSync'>,
): EditableConfigs {
  if ([config, knockConfig].some((name) => name?.toLowerCase() === 'none')) {
    throw usageError("'none' cannot be edited: name a file");
  }
  const folder = path.join(realSystem().home, '.ssh');
  const read = (file: string) => {
    try {
      // A pipe or a device must not be replaced.
      if (fs.statSync(file, { throwIfNoEntry: false })?.isFile() === false) {
        throw configError({ file }, 'is not a regular file');
      }
      return { path: file, text: readIfThere(file, io ?? fs) };
    } catch (error) {
      throw explain(file, error);
    }
  };
  return {
    config: read(config === undefined ? path.join(folder, 'config') : path.resolve(config)),
    knock: read(knockConfig === undefined ? path.join(folder, 'knock_config') : path.resolve(knockConfig)),
    named: {
      ...(config !== undefined && { configFile: path.resolve(config) }),
      ...(knockConfig !== undefined && { knockConfig: path.resolve(knockConfig) }),
    },
  };
}

/** The pair as it is after changes to it. */
export function withChanges(pair: EditableConfigs, changes: readonly FileChange[]): EditableConfigs {
  const changed = (which: 'config' | 'knock') => {
    const change = changes.find(({ path }) => path === pair[which].path);
    return change ? { ...pair[which], text: change.after } : pair[which];
  };
  return { ...pair, config: changed('config'), knock: changed('knock') };
}

/** Slots for knockproxy's keywords and ssh's keywords of a connection. The first of ProxyJump and ProxyCommand wins. */
const WANTED = new Map<string, string>([
  ...KEYWORDS.flatMap(({ name, slot }): [string, string][] => (slot ? [[name.toLowerCase(), slot]] : [])),
  ...['proxycommand', 'proxyjump'].map((name): [string, string] => [name, 'proxy']),
  ...['hostname', 'port', 'user'].map((name): [string, string] => [name, name]),
]);

/** Evaluates the pair like ssh and knockproxy, with these texts instead of the files' contents. */
export function loadPair(pair: EditableConfigs, execHolds = false): Config {
  const { config, knock, named } = pair;
  const texts = new Map([config, knock].map(({ path, text }) => [toBytes(path), text ?? '']));
  const real = pair.system ?? realSystem();
  const system: ConfigSystem = {
    ...real,
    uid: real.uid,
    home: real.home,
    localUser: real.localUser,
    exec: () => (execHolds ? 0 : 1),
    read(file) {
      const text = texts.get(file);
      return text === undefined ? real.read(file) : { text, mode: 0o100600, uid: real.uid, gid: -1 };
    },
  };
  const files: ConfigFiles = {
    knock: knock.path,
    user: config.path,
    ...(named.configFile !== undefined && { userIsExplicit: true }),
  };
  return loadConfig(files, WANTED, system, { spellings });
}

/** The settings of a host as typed to ssh. */
export function settingsFor(config: Config, alias: string): Settings {
  return evaluateConfig(config, destinationOf(config, { alias })).settings;
}
