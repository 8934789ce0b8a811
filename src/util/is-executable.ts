import fs from 'node:fs';

/** Whether this process may run the file; false if it cannot be examined. */
export function isExecutable(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile();
  } catch {
    return false;
  }
}
