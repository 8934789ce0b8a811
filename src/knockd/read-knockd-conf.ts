import { fromBytes } from '../util/bytes.ts';
import { configError } from '../util/errors.ts';
import { type KnockdDoor, NO_SUCH_OPTION, newDoor, setDoorOption } from './knockd-options.ts';
import { fgetsLines, trim, upperAscii } from './knockd-text.ts';

export interface KnockdConf {
  readonly doors: readonly KnockdDoor[];
  /** undefined: knockd's own, eth0. */
  readonly interface?: string;
}

/**
 * A server's knockd.conf exactly as knockd 0.8 reads it (knockd.c: parseconfig). Surprises, all knockd's: section
 * names keep their blanks and case, and `[Options]` is a door; only a whole line can be a comment, yet `5 # five` is
 * 5; flags take no blanks beside their commas; `UseSyslog` may stand in any section; two sections of one name are
 * two doors; of repeated options the last counts.
 *
 * @param bytes the file, one character a byte (latin1).
 * @param file its name, for messages.
 * @throws KnockproxyError `FILE line N: ...` where knockd would not start; nothing of the file is quoted. A one-time
 *   file is not opened: see readOneTimeSequences().
 */
export function readKnockdConf(bytes: string, file: string): KnockdConf {
  const state: State = { section: '', doors: [], interface: '' };
  let line = 0;
  for (const raw of fgetsLines(bytes)) {
    line += 1;
    const text = trim(raw);
    if (text === '' || text.startsWith('#')) continue;
    const heading = text.startsWith('[') && text.endsWith(']');
    const reason = heading ? startSection(state, text, line) : readDirective(state, text);
    if (reason !== undefined) throw configError({ file, line }, reason);
  }
  const empty = state.doors.find(({ steps, oneTimeFile }) => steps.length === 0 && oneTimeFile === undefined);
  if (empty !== undefined) throw configError({ file, line: empty.line }, 'the section has no sequence');
  return { doors: state.doors, ...(state.interface !== '' && { interface: fromBytes(state.interface) }) };
}

interface State {
  section: string;
  readonly doors: KnockdDoor[];
  interface: string;
}

/** knockd.c: section[256], of which strncpy fills 255 before the last character, the bracket, is cut off. */
function startSection(state: State, text: string, line: number): string | undefined {
  state.section = text.slice(1, 256).slice(0, -1);
  if (state.section === '') return 'the section has no name';
  if (state.section !== 'options') state.doors.push(newDoor(state.section, line));
  return undefined;
}

function readDirective(state: State, text: string): string | undefined {
  if (state.section === '') return 'an option stands before the first section';
  const equals = text.indexOf('=');
  const key = upperAscii(trim(equals < 0 ? text : text.slice(0, equals)));
  if (equals < 0) return key === 'USESYSLOG' ? undefined : NO_SUCH_OPTION;
  const value = trim(text.slice(equals + 1));
  return state.section === 'options'
    ? setGlobalOption(state, key, value)
    : setDoorOption(state.doors.at(-1)!, key, value);
}

/** The first `Interface` that names one counts, 31 bytes of it (knockd.c: o_int[32]). */
function setGlobalOption(state: State, key: string, value: string): string | undefined {
  if (!['LOGFILE', 'PIDFILE', 'INTERFACE'].includes(key)) return NO_SUCH_OPTION;
  if (key === 'INTERFACE' && state.interface === '') state.interface = value.slice(0, 31);
  return undefined;
}
