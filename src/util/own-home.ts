import fs from 'node:fs';
import path from 'node:path';
import { requireBuiltin } from './require-builtin.ts';

/**
 * The home folder: $HOME where it is this user's own, so that root with the HOME of another user (sudo -E) leaves
 * nothing there, else that of the password database. Without an entry there (a container with a uid of its own) $HOME,
 * whoever owns it, else `/`.
 */
export function ownHome(home = process.env.HOME): string {
  const given = home && path.isAbsolute(home) ? home : undefined;
  if (given !== undefined && isOwn(given)) return given;
  return passwdEntry()?.homedir ?? given ?? '/';
}

/** This user in the password database. */
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
