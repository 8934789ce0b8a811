import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/**
 * Gives a run of the tests a folder for temporary files, as TMPDIR, and removes it at the end with what tests left in it.
 * Its name is short, because paths of sockets are limited.
 */
export default function setup(): () => void {
  const folder = create();
  process.env.TMPDIR = folder;
  process.env.TSX_DISABLE_CACHE = '1';
  return () => {
    const left = fs.readdirSync(folder);
    if (left.length > 0) process.stderr.write(`tests left in TMPDIR, removed: ${left.join(', ')}\n`);
    fs.rmSync(folder, { recursive: true, force: true });
  };
}

function create(): string {
  try {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'kp-'));
    // Tests run programs as other users.
    fs.chmodSync(folder, 0o1777);
    return folder;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    process.stderr.write(`tests: cannot create a folder in TMPDIR, ${os.tmpdir()} (${code})\n`);
    process.exit(1);
  }
}
