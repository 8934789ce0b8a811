import fs from 'node:fs';
import path from 'node:path';
import { trim } from '../../knockd/knockd-text.ts';
import { parseSequence } from '../../plan/sequence.ts';
import { quoteArgument } from '../../ssh-config/tokens.ts';
import { toBytes } from '../../util/bytes.ts';
import { configError, usageError } from '../../util/errors.ts';
import { secretName } from './client-files.ts';
import type { EditableConfigs } from './editable-configs.ts';
import { explain, type FileChange, readIfThere } from './replace-file.ts';

/** Where `import` stores a host's one-time sequences: next to knock_config. */
function oneTimePath(host: string, { knock }: EditableConfigs): string {
  return path.join(path.dirname(knock.path), secretName(host, { kind: 'one_time' }));
}

/** The line of knock_config that names it. */
export function oneTimeLine(host: string, pair: EditableConfigs): string {
  return toBytes(`KnockOneTimeFile ${pathWord(oneTimePath(host, pair))}`);
}

/** Quotes a path for ssh_config, and escapes its percent signs. */
export function pathWord(file: string): string {
  return quoteArgument(file.replaceAll('%', '%%'));
}

/** Where to look for a copy of the server's one-time file. */
interface OneTimeOrigin {
  /** The knockd.conf, as named on the command line. */
  readonly conf: string;
  /** The path in it, on the server. */
  readonly named: string;
  /** --one-time FILE */
  readonly given: string | undefined;
  /** Do not ask. */
  readonly yes: boolean;
}

/**
 * Reads a copy of the server's one-time file: the file given, else the one of that name next to knockd.conf. A hostile
 * knockd.conf may name any file of this machine, whose numbers would then be sent to its server: so a file elsewhere is
 * used only if the user agrees to that file.
 *
 * @throws KnockproxyError if there is none, it contains anything but sequences, or another copy would be overwritten.
 */
export function copyOneTime(
  host: string,
  origin: OneTimeOrigin,
  pair: EditableConfigs,
  force: boolean,
): FileChange {
  const file = findOneTime(origin);
  const target = oneTimePath(host, pair);
  const after = read(file);
  const before = read(target);
  if (after === undefined) throw configError({ file }, 'no such file');
  refuseOthers(file, after);
  if (before !== undefined && before !== after && !force) {
    throw usageError(`${target} already contains other sequences`, '--force replaces them');
  }
  return { path: target, before, after, isSecret: true, copiedFrom: path.resolve(file) };
}

function findOneTime({ conf, named, given, yes }: OneTimeOrigin): string {
  if (given !== undefined) return given;
  const beside = path.join(path.dirname(conf), path.basename(named));
  if (isPlainFileIn(path.dirname(conf), beside)) return beside;
  const elsewhere = [beside, named].find((file) => fs.existsSync(file));
  const hint = 'pass it with --one-time FILE';
  if (elsewhere === undefined) {
    throw usageError('this door uses one-time sequences, and their file is missing', hint);
  }
  if (yes || !isPlainFileIn(path.dirname(fs.realpathSync(elsewhere)), elsewhere)) {
    throw usageError(
      `${conf} names ${elsewhere}, which is in another directory and is not read without confirmation`,
      hint,
    );
  }
  return elsewhere;
}

/** A link may point to any file, and reading a pipe may block forever. */
function isPlainFileIn(folder: string, file: string): boolean {
  if (!fs.existsSync(file)) return false;
  const real = fs.realpathSync(file);
  return path.dirname(real) === fs.realpathSync(folder) && fs.statSync(real).isFile();
}

/** knockd skips what it cannot parse and reads `12 anything` as 12; this refuses a file that is not a one-time file. */
function refuseOthers(file: string, bytes: string): void {
  let unused = 0;
  for (const [index, text] of bytes.split('\n').entries()) {
    const line = trim(text);
    if (line === '' || line.startsWith('#')) continue;
    try {
      parseSequence(line);
    } catch (error) {
      throw configError({ file, line: index + 1 }, (error as Error).message, NOT_A_ONE_TIME_FILE);
    }
    unused++;
  }
  if (unused === 0) throw usageError(`${file} contains no unused sequence`);
}

const NOT_A_ONE_TIME_FILE = 'a one-time file has a sequence PORT[:tcp|udp],... in each line, or a comment';

function read(file: string): string | undefined {
  try {
    return readIfThere(file);
  } catch (error) {
    throw explain(file, error);
  }
}
