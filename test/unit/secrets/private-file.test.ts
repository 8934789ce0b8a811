import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readPrivateFile } from '../../../src/secrets/private-file.ts';

const dir = mkdtempSync(join(tmpdir(), 'knockproxy-private-'));
afterAll(() => rmSync(dir, { recursive: true }));

const file = (mode: number, text = 'KEY \xff\n') => {
  const path = join(dir, `f${mode.toString(8)}`);
  writeFileSync(path, text, 'latin1');
  chmodSync(path, mode);
  return path;
};

describe('readPrivateFile', () => {
  it.each([0o600, 0o400, 0o700])('reads a file of mode %o, byte by byte', (mode) => {
    expect(readPrivateFile(file(mode), 'w')).toBe('KEY \xff\n');
  });

  it.each([0o644, 0o640, 0o604, 0o660, 0o610])('refuses mode %o, with the command that mends it', (mode) => {
    const path = file(mode);
    const error = catching(() => readPrivateFile(path, 'knock_config line 2'));
    const octal = mode.toString(8);
    expect(error.message).toBe(
      `knock_config line 2: other users can access the keys in ${path} (mode 0${octal})`,
    );
    expect(error).toMatchObject({ exitCode: 2, hints: [`chmod 600 ${path}`] });
  });

  it('does not wait for the writer of a pipe', () => {
    const pipe = join(dir, 'pipe');
    execFileSync('mkfifo', ['-m', '600', pipe]);
    expect(() => readPrivateFile(pipe, 'w')).toThrow('is not a regular file');
    expect(() => readPrivateFile(dir, 'w')).toThrow('is not a regular file');
    expect(() => readPrivateFile(join(dir, 'none'), 'w')).toThrow('w: cannot read ');
  });

  it('refuses what is too large, and other owners', () => {
    expect(() => readPrivateFile(file(0o600, 'x'.repeat(2 ** 20 + 1)), 'w')).toThrow('is larger than');
    const found = (uid: number) => ({
      uid: 1000,
      read: () => ({ isFile: true, mode: 0o600, uid, text: () => 'x' }),
    });
    expect(() => readPrivateFile('/f', 'w', found(1001))).toThrow('w: /f belongs to another user (uid 1001)');
    expect(readPrivateFile('/f', 'w', found(0))).toBe('x');
    expect(readPrivateFile('/f', 'w', found(1000))).toBe('x');
  });
});

function catching(what: () => unknown): Error {
  try {
    what();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}
