/** What is known of the terminal behind a stream. */
interface Terminal {
  /** In characters, at least 40. */
  readonly columns: number;
  /** Whether characters outside ASCII can be shown. */
  readonly isUnicode: boolean;
  readonly hasColours: boolean;
}

type Stream = Pick<NodeJS.WriteStream, 'isTTY' | 'columns'>;

const DEFAULT_COLUMNS = 80;
const MIN_COLUMNS = 40;

/**
 * Reads the size of the terminal, its locale (LC_ALL, LC_CTYPE, LANG) and the variables of the common conventions for
 * colours: NO_COLOR (no-color.org), then FORCE_COLOR and CLICOLOR_FORCE, which also hold where there is no terminal.
 */
export function readTerminal(stream: Stream = process.stdout, env = process.env): Terminal {
  const isTerminal = stream.isTTY === true && env.TERM !== 'dumb';
  return {
    columns: readColumns(stream, env),
    isUnicode: isTerminal && isUtf8(env),
    hasColours: !isSet(env.NO_COLOR) && (isForced(env) || isTerminal),
  };
}

function readColumns({ columns }: Stream, { COLUMNS = '' }: NodeJS.ProcessEnv): number {
  const exported = /^\d{1,4}$/.test(COLUMNS) ? Number(COLUMNS) : 0;
  return Math.max(MIN_COLUMNS, columns || exported || DEFAULT_COLUMNS);
}

/** A console of Windows shows UTF-8 and has no locale. */
function isUtf8({ LC_ALL, LC_CTYPE, LANG }: NodeJS.ProcessEnv): boolean {
  if (process.platform === 'win32') return true;
  return /utf-?8/i.test(LC_ALL || LC_CTYPE || LANG || '');
}

function isForced({ FORCE_COLOR, CLICOLOR_FORCE }: NodeJS.ProcessEnv): boolean {
  return [FORCE_COLOR, CLICOLOR_FORCE].some((value) => isSet(value) && value !== '0' && value !== 'false');
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '';
}
