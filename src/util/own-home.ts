import fs from 'node:fs';
import path from 'node:path';
import { requireBuiltin } from './require-builtin.ts';

/**
 * The home directory: $HOME if this user owns it (with sudo -E, root must not write to another user's), else the one in
 * the password database. Without an entry there (a container with an arbitrary uid): $HOME, whoever owns it, else `/`.
 */
export function ownHome(home = process.env.HOME): string {
  const given = home && path.isAbsolute(home) ? home : undefined;
  if (given !== undefined && isOwn(given)) return given;
  return passwdEntry()?.homedir ?? given ?? '/';
}

/** This user's entry in the password database. */
export function passwdEntry(): { readonly homedir: string; readonly username: string } | undefined {
  try {
    return requireBuiltin<typeof import('node:os')>('node:os').userInfo();
  } catch {
    return undefined;
  }
}

function isOwn(folder: string): boolean {
  if (process.platform === 'win32') return true;
  try {
    return fs.statSync(folder).uid === process.getuid!();
  } catch {
    return false;
  }
}
