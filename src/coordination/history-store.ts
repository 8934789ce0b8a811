import fs from 'node:fs';
import path from 'node:path';
import type { Target } from '../network/resolve.ts';
import { type History, NO_HISTORY } from '../plan/history.ts';
import { parseHistory } from '../plan/history-file.ts';
import { hmacSha256 } from '../util/hmac.ts';
import { isOwnFile, makePrivateFolder, readOwnFile, writeFileAtomically } from '../util/private-files.ts';
import { installationKey } from './installation-key.ts';
import { network, runtimeFolder, stateFolder } from './state-folder.ts';

/** Hexadecimal digits: enough to rule out collisions, few enough for the path of a socket (stale-socket.ts). */
const NAME_LENGTH = 20;
/** The most doors with a history. Beyond it, those that never opened or were unused for longest are deleted. */
const MAX_HISTORIES = 500;
const DELETED_AT_ONCE = 100;

/**
 * The history of each door on disk: one file per door and network, in a folder of this user. File names are HMACs under a
 * key of this installation, so they do not reveal hosts. Nothing here is derived from a sequence. A file that is missing,
 * unreadable or damaged counts as an empty history.
 */
export class HistoryStore {
  readonly #folder: string;
  #key: Buffer | undefined;
  #usable: boolean | undefined;
  #network: string | undefined;
  readonly #names = new Map<string, string>();

  constructor(folder = stateFolder()) {
    this.#folder = folder;
  }

  load(target: Target): History {
    const file = this.#file(target);
    return parseHistory((this.#isUsable && readOwnFile(file)) || '');
  }

  /**
   * Records the start of a login as the file's modification time. @returns the time before that: when the previous login
   * started or the door last opened, whichever is later, in ms since the epoch; 0: never.
   */
  touch(target: Target): number {
    try {
      const before = this.#modifiedAt(target);
      const now = new Date();
      if (before > 0) fs.utimesSync(this.#file(target), now, now);
      return before;
    } catch {
      return 0;
    }
  }

  /** Changes a history, and leaves alone what `touch` recorded. */
  update(target: Target, change: (history: History) => History): void {
    const touchedAt = this.#modifiedAt(target);
    if (touchedAt > 0) this.save(target, change(this.load(target)), touchedAt);
  }

  /** @param touchedAt what the next `touch` is to return, in ms since the epoch. */
  save(target: Target, history: History, touchedAt = history.openedAt): void {
    try {
      if (!this.#isUsable) return;
      const file = this.#file(target);
      // Renaming over an existing file makes ext4 write it to disk at once (auto_da_alloc in ext4(5)), which took 100 ms
      // and more, so the old file is removed first. A crash in between loses only this history.
      if (!wasRemoved(file)) this.#deleteOldest();
      writeFileAtomically(file, JSON.stringify(history));
      const touched = new Date(touchedAt);
      fs.utimesSync(file, touched, touched);
    } catch {}
  }

  /** Records when a door opened by the name of its host, for those that ask no name server. @param at in ms since the epoch. */
  saveOpening(host: string, port: number, at: number): void {
    this.save(byName(host, port), { ...NO_HISTORY, openedAt: at });
  }

  /** What saveOpening() has recorded, in ms since the epoch; 0: never. */
  openingOf(host: string, port: number): number {
    return this.load(byName(host, port)).openedAt;
  }

  /** Whether the door was ever opened from this network. Creates nothing, for a host that has no door. */
  hasOpened(target: Target): boolean {
    return fs.existsSync(this.#folder) && this.load(target).openedAt > 0;
  }

  /** Deletes a history. */
  forget(target: Target): void {
    wasRemoved(this.#file(target));
  }

  /** Derives a file name from `parts`, the same in every process of this user. */
  name(...parts: readonly (string | number)[]): string {
    const text = parts.join('\0');
    const known = this.#names.get(text);
    if (known !== undefined) return known;
    const key = this.#readKey() ?? Buffer.from(`uid ${process.getuid?.() ?? -1}`);
    const name = hmacSha256(key, text).toString('hex').slice(0, NAME_LENGTH);
    this.#names.set(text, name);
    return name;
  }

  /** The folder of sockets. */
  runtimeFolder(): string {
    return runtimeFolder(this.#folder);
  }

  /** In ms since the epoch; 0: there is no history that is this user's. */
  #modifiedAt(target: Target): number {
    try {
      const stat = fs.lstatSync(this.#file(target));
      return this.#isUsable && isOwnFile(stat) ? stat.mtimeMs : 0;
    } catch {
      return 0;
    }
  }

  #file({ address, port, knockAddress = '' }: Target): string {
    this.#network ??= network();
    const name = this.name('memory', address, port, knockAddress, this.#network);
    return path.join(this.#folder, `${name}.json`);
  }

  /** The key of this installation, created on first use. */
  #readKey(): Buffer | undefined {
    if (this.#isUsable) this.#key ??= installationKey(path.join(this.#folder, 'key'));
    return this.#key;
  }

  /** Whether the folder is private to this user; creates it. */
  get #isUsable(): boolean {
    this.#usable ??= makePrivateFolder(this.#folder);
    return this.#usable;
  }

  #deleteOldest(): void {
    const files = fs.readdirSync(this.#folder).filter((name) => name.endsWith('.json'));
    if (files.length < MAX_HISTORIES) return;
    const aged = files
      .map((name) => path.join(this.#folder, name))
      .map((file) => ({ file, mtimeMs: fs.statSync(file).mtimeMs }))
      .sort((a, b) => a.mtimeMs - b.mtimeMs);
    for (const { file } of aged.slice(0, DELETED_AT_ONCE)) fs.rmSync(file, { force: true });
  }
}

function wasRemoved(file: string): boolean {
  try {
    fs.unlinkSync(file);
    return true;
  } catch {
    return false;
  }
}

/** The name of a host in place of an address. */
function byName(host: string, port: number): Target {
  return { address: host.toLowerCase(), family: 4, port };
}
