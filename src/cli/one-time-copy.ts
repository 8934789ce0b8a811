import fs from 'node:fs';
import path from 'node:path';
import { usageError } from '../errors.ts';
import { readOneTimeSequences } from '../server/knockd-sequence.ts';
import { toBytes } from '../ssh-config/bytes.ts';
import { secretName } from './client-side.ts';
import type { ConfigPair } from './config-pair.ts';
import { explain, type FileChange, readIfThere } from './replace-file.ts';

/** Where `import` puts a host's one-time sequences: beside knock_config. */
export function oneTimePath(host: string, { knock }: ConfigPair): string {
  return path.join(path.dirname(knock.path), secretName(host, { kind: 'one_time' }));
}

/** The line of knock_config that names it. */
export function oneTimeLine(host: string, pair: ConfigPair): string {
  return toBytes(`KnockOneTimeFile ${pathWord(oneTimePath(host, pair))}`);
}

/** A path as a word of ssh_config that takes tokens. */
export function pathWord(file: string): string {
  const word = file.replaceAll('%', '%%');
  return /["'#\\\s]/.test(word) ? `"${word.replace(/["\\]/g, '\\$&')}"` : word;
}

/**
 * The client's copy of a server's one-time file.
 *
 * @param candidates where the server's may lie, the likeliest first.
 * @throws KnockproxyError when there is none, it is empty, or another copy would be overwritten.
 */
export function copyOneTime(
  host: string,
  candidates: readonly string[],
  pair: ConfigPair,
  force: boolean,
): FileChange {
  const file = candidates.find((candidate) => fs.existsSync(candidate));
  if (file === undefined) {
    throw usageError(
      'this door has one-time sequences, and their file is not here',
      'name it with --one-time FILE',
    );
  }
  const target = oneTimePath(host, pair);
  const after = read(file);
  const before = read(target);
  if (readOneTimeSequences(after ?? '').length === 0) throw usageError(`${file} holds no unused sequence`);
  if (before !== undefined && before !== after && !force) {
    throw usageError(`${target} holds other sequences already`, '--force replaces them');
  }
  return { path: target, before, after, isSecret: true };
}

function read(file: string): string | undefined {
  try {
    return readIfThere(file);
  } catch (error) {
    throw explain(file, error);
  }
}
