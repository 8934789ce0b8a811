import { fromBytes } from '../util/bytes.ts';
import { configError } from '../util/errors.ts';
import {
  type ForeignOption,
  GLOBAL_OPTIONS,
  isForeignOption,
  type KnockdDoor,
  NO_SUCH_OPTION,
  newDoor,
  setDoorOption,
} from './knockd-options.ts';
import { fgetsLines, trim, upperAscii } from './knockd-text.ts';

interface KnockdConf {
  readonly doors: readonly KnockdDoor[];
  /** undefined: knockd's default, eth0. */
  readonly interface?: string;
  /** Options of other versions of knockd in [options]. */
  readonly foreign: readonly ForeignOption[];
}

/**
 * Reads knockd.conf exactly like knockd 0.8 (knockd.c: parseconfig), except for options that it does not have: knockd
 * would not start, another version of it may, so they are only noted. Its surprises: section names keep their blanks and
 * case, and `[Options]` is a door; only a whole line can be a comment, yet `5 # five` is 5; there may be no blanks around
 * the commas between flags; `UseSyslog` is allowed in any section; two sections with the same name are two doors; the
 * last of repeated options counts.
 *
 * @param bytes one character per byte (latin1).
 * @param file its name, for messages.
 * @throws KnockproxyError `FILE line N: ...` where knockd would not start; never quotes the file. Does not open a one-time
 *   file: see readOneTimeSequences().
 */
export function readKnockdConf(bytes: string, file: string): KnockdConf {
  const state: State = { section: '', doors: [], interface: '', foreign: [] };
  let line = 0;
  for (const raw of fgetsLines(bytes)) {
    line += 1;
    const text = trim(raw);
    if (text === '' || text.startsWith('#')) continue;
    const heading = text.startsWith('[') && text.endsWith(']');
    const reason = heading ? startSection(state, text, line) : readDirective(state, text, line);
    if (reason !== undefined) throw configError({ file, line }, reason);
  }
  const empty = state.doors.find(
    ({ steps, oneTimeFile, foreign }) => steps.length + foreign.length === 0 && oneTimeFile === undefined,
  );
  if (empty !== undefined) throw configError({ file, line: empty.line }, 'the section has no sequence');
  const { doors, foreign, interface: device } = state;
  return { doors, foreign, ...(device !== '' && { interface: fromBytes(device) }) };
}

interface State {
  section: string;
  readonly doors: KnockdDoor[];
  interface: string;
  readonly foreign: ForeignOption[];
}

/** knockd.c: section[256], of which strncpy fills 255; then the last character, the bracket, is removed. */
function startSection(state: State, text: string, line: number): string | undefined {
  state.section = text.slice(1, 256).slice(0, -1);
  if (state.section === '') return 'the section has no name';
  if (state.section !== 'options') state.doors.push(newDoor(state.section, line));
  return undefined;
}

function readDirective(state: State, text: string, line: number): string | undefined {
  if (state.section === '') return 'an option before the first section';
  const equals = text.indexOf('=');
  const name = trim(equals < 0 ? text : text.slice(0, equals));
  const isGlobal = state.section === 'options';
  if (isForeignOption(name)) {
    (isGlobal ? state.foreign : state.doors.at(-1)!.foreign).push({ name, line });
    return undefined;
  }
  const key = upperAscii(name);
  if (equals < 0) return key === 'USESYSLOG' ? undefined : NO_SUCH_OPTION;
  const value = trim(text.slice(equals + 1));
  return isGlobal ? setGlobalOption(state, key, value) : setDoorOption(state.doors.at(-1)!, key, value);
}

/** The first non-empty `Interface` counts, truncated to 31 bytes (knockd.c: o_int[32]). */
function setGlobalOption(state: State, key: string, value: string): string | undefined {
  if (!GLOBAL_OPTIONS.has(key) || key === 'USESYSLOG') return NO_SUCH_OPTION;
  if (key === 'INTERFACE' && state.interface === '') state.interface = value.slice(0, 31);
  return undefined;
}
