import { KEYWORDS, spellingOf } from '../../config/keywords.ts';
import { isNone } from '../../config/read-values.ts';
import { readSettings } from '../../config/settings.ts';
import {
  type ExportedDoor,
  formatDoorFile,
  isExportable,
  isOneHost,
  LEFT_OUT,
} from '../../import/door-file.ts';
import { type Config, destinationOf, type Setting, type Settings } from '../../ssh-config/evaluate.ts';
import { usageError } from '../../util/errors.ts';
import { printable, toKnockproxyError } from '../../util/log.ts';
import { isPlainWord } from '../../util/names.ts';
import { ONE_TIME } from './configured-door.ts';
import { candidateHosts, doorLines, isDoor, isSpelledOut } from './door-lines.ts';
import { settingsFor } from './editable-configs.ts';
import { holdsSequence } from './holds-sequence.ts';

interface ExportOptions {
  /** None: every host that a Host line names. */
  readonly hosts: readonly string[];
  readonly withSecrets: boolean;
  readonly home: string;
}

/** A file for another machine, and what the user should know about it, a line each. */
interface Exported {
  readonly text: string;
  readonly warnings: readonly string[];
}

/**
 * The doors of hosts for `import` on another machine. Sequences are left out unless asked for; a file or a command that
 * contains one stays a reference.
 *
 * @throws KnockproxyError for a host that is named and has no door that can be exported.
 */
export function exportDoors(config: Config, options: ExportOptions): Exported {
  const named = options.hosts.map((host) => exportHost(config, host, options));
  const all = options.hosts.length > 0 ? named : everyHost(config, options);
  return {
    text: formatDoorFile(all.flatMap(({ door }) => door ?? [])),
    warnings: [...new Set(all.flatMap(({ warnings }) => warnings))],
  };
}

interface ExportedHost {
  readonly door?: ExportedDoor;
  readonly warnings: readonly string[];
}

/** One that cannot be exported leaves the others as they are. */
function everyHost(config: Config, options: ExportOptions): ExportedHost[] {
  const patterns = doorLines(config)
    .filter(isDoor)
    .flatMap(({ names }) => names.filter((name) => !isSpelledOut(name)));
  const hosts = [...candidateHosts(config)].filter((host) => hasDoorLine(settingsFor(config, host)));
  return [
    ...hosts.map((host) => {
      try {
        return exportHost(config, host, options);
      } catch (error) {
        return { warnings: [`${printable(host)} is left out: ${toKnockproxyError(error).message}`] };
      }
    }),
    ...[...new Set(patterns)].map((pattern) => ({
      warnings: [
        `${printable(pattern)} is left out, because it is not one host: name the hosts, list --export HOST ...`,
      ],
    })),
  ];
}

function hasDoorLine(settings: Settings): boolean {
  const door = settings.get('door');
  return door !== undefined && !isNone(door);
}

function exportHost(config: Config, host: string, options: ExportOptions): ExportedHost {
  if (!isOneHost(host)) throw usageError(`'${printable(host)}' is not the name of one host`);
  const settings = settingsFor(config, host);
  if (readSettings(settings).door === undefined) throw usageError(`${printable(host)} has no door`);
  const knock = KNOCK_SLOTS.flatMap((slot) => settings.get(slot) ?? []);
  const lines = knock.flatMap((setting) => exportLine(setting, options));
  const ssh = sshLines(config, host, settings);
  const wrong = [...ssh.lines, ...lines].find(({ words }) => !words.every(isExportable));
  if (wrong !== undefined)
    throw usageError(`${printable(host)}: ${wrong.keyword} contains characters that cannot be exported`);
  return {
    door: { host, settings: [...ssh.lines, ...lines] },
    warnings: [...ssh.warnings, ...knock.flatMap((setting) => warningsOf(host, setting, options))],
  };
}

const KNOCK_SLOTS = [
  ...new Set(KEYWORDS.flatMap(({ slot, owner }) => (owner === 'ours' ? (slot ?? []) : []))),
];

type ExportedLine = ExportedDoor['settings'][number];

function exportLine(setting: Setting, { withSecrets, home }: ExportOptions): ExportedLine[] {
  const keyword = spellingOf(setting.keyword);
  const { words } = setting;
  if (!withSecrets && isSecret(setting)) {
    if (setting.keyword === 'knockspakeycommand') return [];
    const isCommand = setting.keyword === 'knocksequencecommand';
    return [{ keyword: isCommand ? 'KnockSequence' : keyword, words: [LEFT_OUT] }];
  }
  return [{ keyword, words: keyword.endsWith('File') ? words.map((word) => fromHome(word, home)) : words }];
}

/** A sequence, or a command that contains one or a key. */
function isSecret(setting: Setting): boolean {
  if (isNone(setting)) return false;
  if (setting.keyword === 'knocksequencecommand') return holdsSequence(setting.words);
  if (setting.keyword === 'knockspakeycommand') return /KEY(_BASE64)?[\s=]+\S/.test(setting.words.join(' '));
  return /^knock(close)?sequence$/.test(setting.keyword);
}

/** The home directory of another machine may have another name. */
function fromHome(file: string, home: string): string {
  return file.startsWith(`${home}/`) ? `~${file.slice(home.length)}` : file;
}

function sshLines(
  config: Config,
  host: string,
  settings: Settings,
): { lines: ExportedLine[]; warnings: string[] } {
  const [port, user] = [settings.get('port'), settings.get('user')];
  const hostname = settings.has('hostname') ? [destinationOf(config, { alias: host }).host] : [];
  const isUserKept = user !== undefined && isPlainWord(user.words.join(' '));
  return {
    lines: [
      ...hostname.map((name) => ({ keyword: 'HostName', words: [name.replaceAll('%', '%%')] })),
      ...(port ? [{ keyword: 'Port', words: [port.words[0]!] }] : []),
      ...(isUserKept ? [{ keyword: 'User', words: user.words }] : []),
    ],
    warnings:
      user && !isUserKept ? [`${printable(host)}: its User is left out, because it is not a plain word`] : [],
  };
}

function warningsOf(host: string, setting: Setting, { withSecrets }: ExportOptions): string[] {
  const { keyword } = setting;
  const name = spellingOf(keyword);
  if (isNone(setting)) return [];
  if (!withSecrets && isSecret(setting)) {
    return [
      `${printable(host)}: ${name} is left out, because it contains a secret; --with-secrets exports it`,
    ];
  }
  if (keyword === 'knockonetimefile') return [`${printable(host)}: ${ONE_TIME}`];
  if (keyword.endsWith('file'))
    return [`${printable(host)}: the other machine needs the file of ${name}, too`];
  if (keyword === 'knockvia')
    return [`${printable(host)}: the other machine needs the ssh_config of the host of KnockVia, too`];
  if (keyword === 'knockspa')
    return [`${printable(host)}: the other machine needs the stanza of ~/.fwknoprc, too`];
  return [];
}
