import fs from 'node:fs';
import path from 'node:path';
import { trim } from '../../knockd/knockd-text.ts';
import { parseSequence } from '../../plan/sequence.ts';
import { toBytes } from '../../util/bytes.ts';
import { configError, usageError } from '../../util/errors.ts';
import { secretName } from './client-files.ts';
import type { EditableConfigs } from './editable-configs.ts';
import { explain, type FileChange, readIfThere } from './replace-file.ts';

/** Where `import` puts a host's one-time sequences: beside knock_config. */
export function oneTimePath(host: string, { knock }: EditableConfigs): string {
  return path.join(path.dirname(knock.path), secretName(host, { kind: 'one_time' }));
}

/** The line of knock_config that names it. */
export function oneTimeLine(host: string, pair: EditableConfigs): string {
  return toBytes(`KnockOneTimeFile ${pathWord(oneTimePath(host, pair))}`);
}

/** A path as a word of ssh_config that takes tokens. */
export function pathWord(file: string): string {
  const word = file.replaceAll('%', '%%');
  return /["'#\\\s]/.test(word) ? `"${word.replace(/["\\]/g, '\\$&')}"` : word;
}

/** Where a server's one-time file may be found here. */
export interface OneTimeOrigin {
  /** The knockd.conf, as named on the command line. */
  readonly conf: string;
  /** What it says, a path on the server. */
  readonly named: string;
  /** --one-time FILE */
  readonly given: string | undefined;
  /** No question is asked. */
  readonly yes: boolean;
}

/**
 * The client's copy of a server's one-time file: the one that was given, else the one of its name beside knockd.conf. A
 * knockd.conf from somebody else may name any file of this machine, whose numbers would then be knocked to its server: a
 * file elsewhere is only taken when a question names it first.
 *
 * @throws KnockproxyError when there is none, it holds anything but sequences, or another copy would be overwritten.
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
    throw usageError(`${target} holds other sequences already`, '--force replaces them');
  }
  return { path: target, before, after, isSecret: true, copiedFrom: path.resolve(file) };
}

function findOneTime({ conf, named, given, yes }: OneTimeOrigin): string {
  if (given !== undefined) return given;
  const beside = path.join(path.dirname(conf), path.basename(named));
  if (isPlainFileIn(path.dirname(conf), beside)) return beside;
  const elsewhere = [beside, named].find((file) => fs.existsSync(file));
  const hint = 'name it with --one-time FILE';
  if (elsewhere === undefined) {
    throw usageError('this door has one-time sequences, and their file is not here', hint);
  }
  if (yes || !isPlainFileIn(path.dirname(fs.realpathSync(elsewhere)), elsewhere)) {
    throw usageError(`${conf} names ${elsewhere}, which is not beside it and is not taken unasked`, hint);
  }
  return elsewhere;
}

/** A link may lead anywhere, and a pipe may wait for ever. */
function isPlainFileIn(folder: string, file: string): boolean {
  if (!fs.existsSync(file)) return false;
  const real = fs.realpathSync(file);
  return path.dirname(real) === fs.realpathSync(folder) && fs.statSync(real).isFile();
}

/** knockd passes over what it cannot read and takes `12 anything` for 12; a file that is not a one-time file is refused. */
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
  if (unused === 0) throw usageError(`${file} holds no unused sequence`);
}

const NOT_A_ONE_TIME_FILE = 'a one-time file has a sequence PORT[:tcp|udp],... in each line, or a comment';

function read(file: string): string | undefined {
  try {
    return readIfThere(file);
  } catch (error) {
    throw explain(file, error);
  }
}
