import { quoteArgument, splitArguments } from '../ssh-config/tokens.ts';
import { fromBytes } from '../util/bytes.ts';
import { configError, type FilePlace } from '../util/errors.ts';
import type { ConfiguredLine, ImportedDoor, ImportedFile } from './imported-door.ts';

/** The first line of a file that `list --export` prints. */
const HEADER = /^# knockproxy doors, version (\d{1,9})\b/;
const VERSION = 1;

/** The value of KnockSequence and KnockCloseSequence in place of a sequence that is left out. */
export const LEFT_OUT = 'ask';

/** The door of a host, to be written into such a file. */
export interface ExportedDoor {
  readonly host: string;
  readonly settings: readonly Omit<ConfiguredLine, 'line'>[];
}

/** Whether such a file can contain a word or a name: one of valid UTF-8 without control characters. */
export function isExportable(word: string): boolean {
  return !UNUSABLE.test(word);
}

/** Whether `Host NAME` in such a file stands for this one host, to ssh as well. */
export function isOneHost(name: string): boolean {
  return HOST.test(name) && isExportable(name);
}

/** The file: `Host NAME` and indented lines `Keyword value`, as in ssh_config, with each word quoted as needed. */
export function formatDoorFile(doors: readonly ExportedDoor[]): string {
  const blocks = doors.flatMap(({ host, settings }) => [
    '',
    `Host ${host}`,
    ...settings.map((setting) => `  ${formatLine(setting)}`),
  ]);
  return [`# knockproxy doors, version ${VERSION}: knockproxy import FILE`, ...blocks, ''].join('\n');
}

/** One line `Keyword value`, with each word quoted if necessary. */
export function formatLine({ keyword, words }: Omit<ConfiguredLine, 'line'>): string {
  return [keyword, ...words.map(quoteArgument)].join(' ');
}

/** Whether a file is what `list --export` prints, of any version. */
export function isDoorFile(text: string): boolean {
  return HEADER.test(text);
}

/**
 * Reads the blocks of such a file. What the keywords mean is for the caller to check.
 *
 * @param text one character per byte (latin1).
 * @throws KnockproxyError `FILE line N: ...` for another version and for what is not a block, without quoting it.
 */
export function readDoorFile(text: string, file: string): ImportedFile {
  const version = Number(HEADER.exec(text)?.[1]);
  if (version !== VERSION) {
    throw configError(
      { file, line: 1 },
      `version ${version} of this format is not supported`,
      'a newer knockproxy wrote this file: update knockproxy on this machine',
    );
  }
  const blocks: DoorBlock[] = [];
  for (const [index, line] of text.split('\n').entries()) readLine(line, { file, line: index + 1 }, blocks);
  return { doors: blocks.map(toDoor), notes: [] };
}

interface DoorBlock extends Pick<ImportedDoor, 'name' | 'line'> {
  readonly settings: ConfiguredLine[];
}

function readLine(text: string, place: FilePlace & { readonly line: number }, blocks: DoorBlock[]): void {
  const line = fromBytes(text).trim();
  if (line === '' || line.startsWith('#')) return;
  if (UNUSABLE.test(line))
    throw configError(place, 'this line contains a control character, or is not UTF-8');
  const [keyword = '', ...words] = splitArguments(line) ?? [];
  if (words.length === 0) throw configError(place, 'this line has no value, or a quote that is not closed');
  if (keyword.toLowerCase() === 'host') {
    const [name = ''] = words;
    if (words.length > 1 || !isOneHost(name))
      throw configError(place, 'Host takes the name of one host here');
    if (blocks.some((block) => block.name === name)) throw configError(place, 'this host occurs twice');
    blocks.push({ name, line: place.line, settings: [] });
    return;
  }
  const block = blocks.at(-1);
  if (block === undefined) throw configError(place, 'the first line of a door is Host NAME');
  block.settings.push({ keyword, words, line: place.line });
}

/** Control characters but for a tab, and what stands for bytes that are not UTF-8. */
const UNUSABLE = /[^\P{Cc}\t]|\uFFFD/u;
/** A name that ssh takes literally, in a Host line as well. */
const HOST = /^[^-~*?!,"'#\\=\s@/[\]][^*?!,"'#\\=\s@/[\]]*$/;

function toDoor({ name, line, settings }: DoorBlock): ImportedDoor {
  return { name, line, secret: { kind: 'configured', settings }, ports: [], problems: [], notes: [] };
}
