import fs from 'node:fs';

/** Why others may see the sequences that go to standard output. */
export function exposedOutput(): string | undefined {
  if (process.stdout.isTTY) {
    return 'the sequences are on the screen now: (umask 077; knockproxy list --export --with-secrets >FILE) keeps them off it';
  }
  const stat = fs.fstatSync(1);
  const isReadable = stat.isFile() && (stat.mode & 0o077) !== 0 && process.platform !== 'win32';
  return isReadable
    ? 'other users of this machine may read the file with the sequences: chmod 600, and umask 077 next time'
    : undefined;
}
