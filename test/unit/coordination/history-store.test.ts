import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { HistoryStore } from '../../../src/coordination/history-store.ts';
import { NO_HISTORY } from '../../../src/plan/history.ts';
import { learn } from '../../../src/plan/learn.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const target = { address: '192.0.2.1', family: 4, port: 22 } as const;
const memory = learn(NO_HISTORY, {
  atMs: 4,
  synsAt: [3],
  opened: {
    tries: [{ delayMs: 0, opened: true }],
    isFirst: true,
    interval: [1, 2],
    rttMs: 3,
    synAt: 3,
    by: 1,
  },
});
const modes = (folder: string) =>
  Object.fromEntries(
    fs.readdirSync(folder).map((name) => [name, fs.statSync(path.join(folder, name)).mode & 0o777]),
  );

describe('learned state on disk', () => {
  it('comes back for the same target only, also in another process', () => {
    const folder = path.join(temporaryFolder(), 'state');
    new HistoryStore(folder).save(target, memory);
    const state = new HistoryStore(folder);
    expect(state.load(target)).toEqual(memory);
    for (const other of [{ address: '192.0.2.2' }, { port: 23 }, { knockAddress: '192.0.2.9' }]) {
      expect(state.load({ ...target, ...other })).toEqual(NO_HISTORY);
    }
  });

  it('is another one in another network, and the same again back in the first', () => {
    const address = { family: 'IPv4', internal: false } as os.NetworkInterfaceInfo;
    const interfaces = vi.spyOn(os, 'networkInterfaces');
    onTestFinished(() => interfaces.mockRestore());
    const folder = path.join(temporaryFolder(), 'state');
    const from = (own: string) => {
      interfaces.mockReturnValue({ eth0: [{ ...address, address: own }] });
      return new HistoryStore(folder);
    };
    from('198.51.100.7').save(target, memory);
    expect(from('203.0.113.7').load(target)).toEqual(NO_HISTORY);
    expect(from('198.51.100.8').load(target)).toEqual(memory);
  });

  it('has a key where there are no hard links', () => {
    const link = vi.spyOn(fs, 'linkSync').mockImplementation(() => {
      throw Object.assign(new Error(), { code: 'EPERM' });
    });
    onTestFinished(() => link.mockRestore());
    const folder = path.join(temporaryFolder(), 'state');
    const name = new HistoryStore(folder).name('a');
    expect(link).toHaveBeenCalled();
    const key = fs.readFileSync(path.join(folder, 'key'), 'utf8');
    expect(key).toMatch(/^[0-9a-f]{64}$/);
    expect(new HistoryStore(folder).name('a')).toBe(name);
    expect(fs.readFileSync(path.join(folder, 'key'), 'utf8')).toBe(key);
    expect(modes(folder)).toEqual({ key: 0o600 });
  });

  it('is private, and names no host', () => {
    const folder = path.join(temporaryFolder(), 'deep', 'state');
    new HistoryStore(folder).save(target, memory);
    expect(fs.statSync(folder).mode & 0o777).toBe(0o700);
    for (const [name, mode] of Object.entries(modes(folder))) {
      expect(mode).toBe(0o600);
      expect(name).toMatch(/^(key|[0-9a-f]{20}\.json)$/);
      expect(fs.readFileSync(path.join(folder, name), 'utf8')).not.toContain('192.0.2');
    }
  });

  it.each(['', '{', 'null', '\0\0\0'])('starts afresh where the file holds %j', (text) => {
    const folder = path.join(temporaryFolder(), 'state');
    const state = new HistoryStore(folder);
    state.save(target, memory);
    const file = fs.readdirSync(folder).find((name) => name.endsWith('.json'))!;
    fs.writeFileSync(path.join(folder, file), text);
    expect(state.load(target)).toEqual(NO_HISTORY);
    state.save(target, memory);
    expect(state.load(target)).toEqual(memory);
  });

  it('is not written through a symbolic link', () => {
    const folder = temporaryFolder();
    fs.mkdirSync(path.join(folder, 'elsewhere'));
    fs.symlinkSync(path.join(folder, 'elsewhere'), path.join(folder, 'state'));
    const state = new HistoryStore(path.join(folder, 'state'));
    state.save(target, memory);
    expect(fs.readdirSync(path.join(folder, 'elsewhere'))).toEqual([]);
    expect(state.load(target)).toEqual(NO_HISTORY);
  });

  it('stays small', () => {
    const folder = path.join(temporaryFolder(), 'state');
    const state = new HistoryStore(folder);
    for (let port = 1; port <= 620; port++) state.save({ ...target, port }, memory);
    expect(fs.readdirSync(folder).length).toBeLessThanOrEqual(502);
    expect(state.load({ ...target, port: 620 })).toEqual(memory);
  });
});

it('changes a history without touching when the last login started', () => {
  const store = new HistoryStore(path.join(temporaryFolder(), 'state'));
  store.update(target, () => memory);
  expect(store.load(target)).toEqual(NO_HISTORY);
  store.save(target, memory);
  store.touch(target);
  const startedAt = store.touch(target);
  store.update(target, (history) => ({ ...history, room: 7 }));
  expect(store.load(target).room).toBe(7);
  // Times of files have a coarser grain.
  expect(store.touch(target)).toBeGreaterThan(startedAt - 5);
});
