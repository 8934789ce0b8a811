import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  isPrivateFolder,
  makePrivateFolder,
  makePrivateSubfolder,
  readOwnFile,
  unsafeComponent,
} from '../../../src/util/private-files.ts';
import { temporaryFolder } from '../temporary-folder.ts';

afterEach(() => vi.restoreAllMocks());

describe.skipIf(process.platform === 'win32')('a private folder', () => {
  it('is made with what is above it, and closed to others where it is ours', () => {
    const folder = path.join(temporaryFolder(), 'a', 'b');
    expect(makePrivateFolder(folder)).toBe(true);
    for (const each of [folder, path.dirname(folder)]) expect(fs.statSync(each).mode & 0o777).toBe(0o700);
    fs.chmodSync(folder, 0o755);
    expect(isPrivateFolder(folder)).toBe(false);
    expect(makePrivateFolder(folder)).toBe(true);
    expect(fs.statSync(folder).mode & 0o777).toBe(0o700);
  });

  it('is none where chmod changes nothing', () => {
    const folder = path.join(temporaryFolder(), 'a');
    fs.mkdirSync(folder);
    fs.chmodSync(folder, 0o755);
    vi.spyOn(fs, 'chmodSync').mockImplementation(() => {});
    expect(makePrivateFolder(folder)).toBe(false);
  });

  it('lies below links of ours, and is none itself', () => {
    const folder = temporaryFolder();
    fs.mkdirSync(path.join(folder, 'real'));
    fs.symlinkSync('real', path.join(folder, 'link'));
    expect(makePrivateFolder(path.join(folder, 'link', 'a'))).toBe(true);
    expect(makePrivateFolder(path.join(folder, 'link'))).toBe(false);
    expect(makePrivateSubfolder(path.join(folder, 'link', 'b'))).toBe(false);
    expect(fs.readdirSync(path.join(folder, 'real'))).toEqual(['a']);
  });

  it('is none in a circle of links', () => {
    const folder = temporaryFolder();
    fs.symlinkSync('circle', path.join(folder, 'circle'));
    expect(makePrivateFolder(path.join(folder, 'circle', 'a'))).toBe(false);
  });
});

it.skipIf(process.platform === 'win32')('what could lead elsewhere tomorrow is found on the way', () => {
  const folder = fs.realpathSync(temporaryFolder());
  expect(unsafeComponent(path.join(folder, 'not', 'there'))).toBeUndefined();
  const real = fs.lstatSync;
  const pretend = (file: string, uid: number, mode = 0o40755) =>
    vi.spyOn(fs, 'lstatSync').mockImplementation(((name: string, options: object) => {
      const stat = real(name, options) as fs.Stats;
      return name === file ? Object.assign(stat, { uid, mode }) : stat;
    }) as typeof fs.lstatSync);
  pretend(folder, 54_321);
  expect(unsafeComponent(path.join(folder, 'a'))).toBe(folder);
  pretend(folder, process.getuid!(), 0o40777);
  expect(unsafeComponent(path.join(folder, 'a'))).toBeUndefined();
  vi.spyOn(process, 'getuid').mockReturnValue(54_321);
  pretend(folder, 0);
  expect(unsafeComponent(path.join(folder, 'a'))).toBeUndefined();
  pretend(folder, 0, 0o40777);
  expect(unsafeComponent(path.join(folder, 'a'))).toBe(folder);
  pretend(folder, 0, 0o41777);
  expect(unsafeComponent(path.join(folder, 'a'))).toBeUndefined();
});

it('only a plain file of this user is read, and no large one', () => {
  const folder = temporaryFolder();
  const file = path.join(folder, 'file');
  expect(readOwnFile(file)).toBeUndefined();
  fs.writeFileSync(file, 'text');
  expect(readOwnFile(file)).toBe('text');
  if (process.platform === 'win32') return;
  expect(readOwnFile(folder)).toBeUndefined();
  expect(readOwnFile('/dev/zero')).toBeUndefined();
  fs.symlinkSync(file, path.join(folder, 'link'));
  expect(readOwnFile(path.join(folder, 'link'))).toBeUndefined();
  spawnSync('mkfifo', [path.join(folder, 'pipe')]);
  expect(readOwnFile(path.join(folder, 'pipe'))).toBeUndefined();
  fs.truncateSync(file, 1 << 20);
  expect(readOwnFile(file)).toBeUndefined();
});

it.skipIf(process.platform === 'win32')("another user's file is not read", () => {
  const file = path.join(temporaryFolder(), 'file');
  fs.writeFileSync(file, 'text');
  vi.spyOn(process, 'getuid').mockReturnValue(54_321);
  expect(readOwnFile(file)).toBeUndefined();
});
