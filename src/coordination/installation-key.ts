import fs from 'node:fs';
import { createFileAtomically, readOwnFile } from '../util/private-files.ts';
import { requireBuiltin } from '../util/require-builtin.ts';

const KEY_BYTES = 32;

/** Reads the key of this installation, which is created on first use. @returns undefined where it cannot be kept. */
export function installationKey(file: string): Buffer | undefined {
  let text = readOwnFile(file);
  if (text === undefined) {
    createFileAtomically(file, randomKey().toString('hex'));
    text = readOwnFile(file);
  }
  return text === undefined ? undefined : Buffer.from(text);
}

/** Reads /dev/urandom, because loading node:crypto takes 3 ms. */
function randomKey(): Buffer {
  const key = Buffer.alloc(KEY_BYTES);
  try {
    const urandom = fs.openSync('/dev/urandom', 'r');
    const count = fs.readSync(urandom, key, 0, KEY_BYTES, null);
    fs.closeSync(urandom);
    if (count === KEY_BYTES) return key;
  } catch {}
  return requireBuiltin<typeof import('node:crypto')>('node:crypto').randomBytes(KEY_BYTES);
}
