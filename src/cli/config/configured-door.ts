import { KEYWORDS, type Slot } from '../../config/keywords.ts';
import { type HostSettings, readSettings } from '../../config/settings.ts';
import { formatLine, LEFT_OUT } from '../../import/door-file.ts';
import type { ConfiguredLine, ImportedDoor } from '../../import/imported-door.ts';
import { toBytes } from '../../util/bytes.ts';
import { configError } from '../../util/errors.ts';
import { isPlainWord } from '../../util/names.ts';
import { parsePort, SSH_PORT } from '../../util/text.ts';

/** What another machine's lines say about a door. */
export interface ConfiguredDoor {
  readonly kind: NonNullable<HostSettings['door']>['source']['kind'];
  /** undefined: the sequence is not in the file. */
  readonly steps?: number;
  /** Where the sequence is left out. */
  readonly asksAt?: number;
  /** Where ssh goes. */
  readonly goes: { readonly hostname?: string; readonly port?: string; readonly user?: string };
  /** Of knock_config, without what is left out; bytes as latin1. */
  readonly knockLines: readonly string[];
  /** What logins would run. */
  readonly commands: readonly Reference[];
  /** What logins would read, ask for an address, or log in to. */
  readonly references: readonly Reference[];
  readonly notes: readonly string[];
}

interface Reference {
  readonly line: number;
  /** `Keyword value`, for the user. */
  readonly text: string;
}

type Found = ConfiguredLine & { readonly name: string };

/**
 * Checks the lines of a door as a login would.
 *
 * @throws KnockproxyError `FILE line N: ...`, without quoting the value of a Knock keyword.
 */
export function readConfigured(settings: readonly ConfiguredLine[], file: string): ConfiguredDoor {
  const found = bySlot(settings, file);
  const { door } = readSettings(
    new Map([...found].map(([slot, { name, words, line }]) => [slot, toSetting(name, words, file, line)])),
  );
  const knock = [...found].filter(([slot]) => !SSH.has(slot)).map(([, line]) => line);
  if (door === undefined) throw configError({ file, line: settings[0]?.line }, 'this host has no door');
  const kept = knock.filter((line) => !isLeftOut(line));
  const asks = found.get('door')!;
  const { source } = door;
  return {
    kind: source.kind,
    ...(source.kind === 'sequence' && !isLeftOut(asks) && { steps: source.steps.length }),
    ...(isLeftOut(asks) && { asksAt: asks.line }),
    goes: goesTo(found, file),
    knockLines: kept.map((line) => toBytes(formatLine({ ...line, keyword: line.name }))),
    commands: kept.filter(({ name }) => name.endsWith('Command')).map(toReference),
    references: kept.filter(isReference).map(toReference),
    notes: found.has('close') && isLeftOut(found.get('close')!) ? [CLOSE_LEFT_OUT] : [],
  };
}

/** The door with what its lines say, to be listed and selected like those of other files. */
export function describeConfigured(door: ImportedDoor, file: string): ImportedDoor {
  if (door.secret.kind !== 'configured') return door;
  const { goes, notes, asksAt, commands, references, kind } = readConfigured(door.secret.settings, file);
  return {
    ...door,
    ports: [goes.port === undefined ? SSH_PORT : Number(goes.port)],
    notes: [
      ...notes,
      ...(asksAt === undefined ? [] : ['its sequence is left out of the file: import asks for it']),
      ...commands.map(({ text }) => `each login would run a program: ${text}`),
      ...references.map(({ text }) => `each login would use, on this machine: ${text}`),
      ...(kind === 'one-time' ? [ONE_TIME] : []),
    ],
  };
}

export const ONE_TIME =
  'two machines must not use the same one-time sequences, because each would send what the other has used up: ' +
  'let the server have a list of its own for each';

const CLOSE_LEFT_OUT =
  'its close sequence is left out of the file: add KnockCloseSequence, or export it with --with-secrets';

/** Keyword in lower case -> slot. */
const SLOTS = new Map<string, { readonly slot: string; readonly name: string }>([
  ...KEYWORDS.flatMap(({ name, slot, owner }): [string, { slot: string; name: string }][] =>
    owner === 'ours' && slot !== undefined ? [[name.toLowerCase(), { slot, name }]] : [],
  ),
  ...['HostName', 'Port', 'User'].map((name): [string, { slot: string; name: string }] => [
    name.toLowerCase(),
    { slot: name.toLowerCase(), name },
  ]),
]);

const SSH: ReadonlySet<string> = new Set(['hostname', 'port', 'user']);

function bySlot(settings: readonly ConfiguredLine[], file: string): Map<Slot | string, Found> {
  const found = new Map<string, Found>();
  for (const setting of settings) {
    const { line } = setting;
    const known = SLOTS.get(setting.keyword.toLowerCase());
    if (known === undefined) throw configError({ file, line }, 'this keyword is not one of a door');
    if (found.has(known.slot)) throw configError({ file, line }, `${known.name} is given before already`);
    found.set(known.slot, { ...setting, name: known.name });
  }
  return found;
}

function toSetting(name: string, words: readonly string[], file: string, line: number) {
  const isAsked = isLeftOut({ name, words });
  return {
    keyword: name.toLowerCase(),
    words: isAsked ? ['1'] : words,
    raw: words.join(' '),
    file,
    line,
  };
}

function isLeftOut({ name, words }: Pick<Found, 'name' | 'words'>): boolean {
  return /^Knock(Close)?Sequence$/.test(name) && words.length === 1 && words[0] === LEFT_OUT;
}

function goesTo(found: ReadonlyMap<string, Found>, file: string): ConfiguredDoor['goes'] {
  const port = found.get('port');
  if (port && parsePort(port.words.join(' ')) === undefined) {
    throw configError({ file, line: port.line }, 'Port must be a number from 1 to 65535');
  }
  for (const slot of ['hostname', 'user', 'knockhost']) {
    const line = found.get(slot);
    if (line && !isPlainWord(line.words.join(' ')))
      throw configError({ file, line: line.line }, `${line.name} takes one plain word`);
  }
  const goes = [...SSH].flatMap((slot) => (found.has(slot) ? [[slot, found.get(slot)!.words[0]!]] : []));
  return Object.fromEntries(goes);
}

function isReference({ name, words }: Found): boolean {
  const isUrl = name === 'KnockSpaAllow' && words.length > 1;
  return name.endsWith('File') || name === 'KnockSpa' || name === 'KnockVia' || isUrl;
}

function toReference({ name, words, line }: Found): Reference {
  return { line, text: formatLine({ keyword: name, words }) };
}
