import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const REPOSITORY = path.resolve(import.meta.dirname, '../..');
const text = fs.readFileSync(path.join(REPOSITORY, 'docs/security.md'), 'utf8');
const section = text.split('\n## ').find((part) => part.startsWith('What knockproxy promises\n'))!;

/** The rows of the table of promises, without its head. */
const rows = section
  .split('\n')
  .filter((line) => line.startsWith('|'))
  .slice(2)
  .map((line) => line.split('|').slice(1, -1))
  .map(([promise = '', tests = '', ...rest]) => ({ promise: promise.trim(), tests, rest }));

describe('each promise of docs/security.md', () => {
  it('is in the table once', () => {
    expect(rows.length).toBeGreaterThan(20);
    expect(new Set(rows.map(({ promise }) => promise)).size).toBe(rows.length);
  });

  it.each(rows)('names tests that exist: $promise', ({ tests, rest }) => {
    const files = tests.split(',').map((name) => /^ *`(test\/\S+\.test\.ts)` *$/.exec(name)?.[1]);
    expect(rest).toEqual([]);
    expect(files.filter((file) => file === undefined || !fs.existsSync(path.join(REPOSITORY, file)))).toEqual(
      [],
    );
  });
});
