import { fromBytes } from '../util/bytes.ts';
import { configError } from '../util/errors.ts';
import type { KeywordTable } from './keyword-table.ts';
import { permissionError } from './permissions.ts';
import { type Scanned, scan } from './scan.ts';
import type { ConfigSystem, FileKind, FileRead } from './types.ts';

/** A file to read. */
export interface WantedFile {
  /** Bytes as latin1. */
  readonly path: string;
  readonly kind: FileKind;
  readonly checkMode: boolean;
  /** Whether to ignore a file that cannot be opened with this errno code. */
  readonly ignoreError: (code: string) => boolean;
}

/** What loading needs and collects. */
export interface LoadContext {
  readonly table: KeywordTable;
  readonly system: ConfigSystem;
  /** The tokens of `Match exec` in an Include argument (ssh 9.9), if known. */
  readonly token: (letter: string) => string | undefined;
  readonly filesRead: FileRead[];
  /** Scanned files by kind, path and whether their mode was checked. */
  readonly scanned: Map<string, Scanned>;
}

/**
 * Reads and scans a file, once.
 *
 * @returns undefined for a file that is ignored.
 * @throws KnockproxyError for a file that cannot be read or has an unsafe mode, and as scan.
 */
export function readConfigFile(
  { path, kind, checkMode, ignoreError }: WantedFile,
  { table, system, filesRead, scanned }: LoadContext,
): Scanned | undefined {
  const key = `${kind} ${checkMode} ${path}`;
  const seen = scanned.get(key);
  if (seen) return seen;
  const file = fromBytes(path);
  const bytes = system.read(path);
  if (typeof bytes === 'string') {
    if (ignoreError(bytes)) return undefined;
    throw configError({ file }, `cannot be read: ${reason(bytes)}`);
  }
  const error = checkMode ? permissionError(file, bytes, system) : undefined;
  if (error) throw error;
  const source = scan(bytes.text, file, table, kind === 'knock');
  scanned.set(key, source);
  const { mode, uid, changedAt = 0 } = bytes;
  filesRead.push({ path: file, kind, mode: mode & 0o7777, uid, changedAt, keywords: source.keywords });
  return source;
}

function reason(code: string): string {
  if (code === 'ENOENT') return 'no such file';
  if (code === 'ETIMEDOUT') return 'no program writes to this pipe';
  return code === 'EACCES' ? 'permission denied' : code;
}
