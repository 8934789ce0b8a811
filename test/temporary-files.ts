import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/**
 * Gives a run of the tests a folder for temporary files, as TMPDIR. The run fails if anything is left in it at the end.
 * Its name is short, because paths of sockets are limited.
 */
export default function setup(): () => void {
  const folder = create();
  process.env.TMPDIR = folder;
  return () => {
    const left = fs.readdirSync(folder);
    fs.rmSync(folder, { recursive: true, force: true });
    if (left.length > 0) throw new Error(`the tests left in TMPDIR: ${left.join(', ')}`);
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
