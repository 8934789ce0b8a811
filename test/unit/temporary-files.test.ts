import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, it, vi } from 'vitest';
import setup from '../temporary-files.ts';
import { temporaryFolder } from './temporary-folder.ts';

afterEach(() => vi.unstubAllEnvs());

it('gives a run of the tests a TMPDIR that is gone at the end, with what tests left in it', () => {
  const outer = temporaryFolder();
  vi.stubEnv('TMPDIR', outer);
  const tearDown = setup();
  const folder = process.env.TMPDIR!;
  expect(path.dirname(folder)).toBe(outer);
  fs.mkdirSync(path.join(folder, 'left'));
  tearDown();
  expect(fs.readdirSync(outer)).toEqual([]);
});

it('says in one line that TMPDIR is missing', () => {
  const TMPDIR = path.join(temporaryFolder(), 'missing');
  const script = `import setup from ${JSON.stringify(fileURLToPath(new URL('../temporary-files.ts', import.meta.url)))}; setup();`;
  const argv = ['--import', 'tsx', '--input-type=module', '-e', script];
  const env = { ...process.env, TMPDIR, TSX_DISABLE_CACHE: '1' };
  const { status, stderr } = spawnSync(process.execPath, argv, { env, encoding: 'utf8' });
  expect(status).toBe(1);
  expect(stderr).toBe(`tests: cannot create a folder in TMPDIR, ${TMPDIR} (ENOENT)\n`);
});
