import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Target } from '../network/resolve.ts';
import { type History, parseHistory } from '../plan/history.ts';
import { hmacSha256 } from '../util/hmac.ts';
import { ownHome } from '../util/own-home.ts';
import {
  createFileAtomically,
  isOwnFile,
  isPrivateFolder,
  makePrivateFolder,
  readOwnFile,
  writeFileAtomically,
} from '../util/private-files.ts';
import { requireBuiltin } from '../util/require-builtin.ts';

/** In hexadecimal digits: no two are alike by chance, and a socket's path stays short (turn.ts). */
const NAME_LENGTH = 20;
/** So many doors are remembered; of more, the ones not used for longest, or that never opened, are forgotten. */
const MOST_MEMORIES = 500;
const FORGOTTEN_AT_ONCE = 100;
const KEY_BYTES = 32;

/**
 * What logins learned, on disk: a file for each door and network in a folder of this user's, named by an HMAC
 * under a key of this installation, so that the names tell nothing about hosts. Nothing here is derived from
 * a sequence. Whatever is missing, unreadable or broken only means starting afresh.
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
   * Marks a login at this moment, by the time of the file. @returns when the one before was marked, or the door was
   * opened since, in ms since the epoch; 0: never.
   */
  touch(target: Target): number {
    try {
      const file = this.#file(target);
      const stat = fs.lstatSync(file);
      if (!this.#isUsable || !isOwnFile(stat)) return 0;
      const now = new Date();
      fs.utimesSync(file, now, now);
      return stat.mtimeMs;
    } catch {
      return 0;
    }
  }

  save(target: Target, memory: History): void {
    try {
      if (!this.#isUsable) return;
      const file = this.#file(target);
      // Renaming over a file makes ext4 write it to the disk at once (auto_da_alloc in ext4(5)), which took 100 ms and
      // more; over none it does not. What is lost in between is only a lesson.
      if (!wasRemoved(file)) this.#forgetOldest();
      writeFileAtomically(file, JSON.stringify(memory));
      const openedAt = new Date(memory.openedAt);
      fs.utimesSync(file, openedAt, openedAt);
    } catch {}
  }

  /** A name for something about a target, the same in every process of this user. */
  name(...parts: readonly (string | number)[]): string {
    const text = parts.join('\0');
    const known = this.#names.get(text);
    if (known !== undefined) return known;
    const key = this.#readKey() ?? Buffer.from(`uid ${process.getuid?.() ?? -1}`);
    const name = hmacSha256(key, text).toString('hex').slice(0, NAME_LENGTH);
    this.#names.set(text, name);
    return name;
  }

  /** Where sockets live: the runtime folder, which ends with the session, else beside the state. */
  runtimeFolder(): string {
    const { XDG_RUNTIME_DIR } = process.env;
    if (XDG_RUNTIME_DIR && path.isAbsolute(XDG_RUNTIME_DIR) && isPrivateFolder(XDG_RUNTIME_DIR)) {
      return path.join(XDG_RUNTIME_DIR, 'knockproxy');
    }
    return path.join(this.#folder, `run-${machineId()}`);
  }

  #file({ address, port, knockAddress = '' }: Target): string {
    this.#network ??= network();
    const name = this.name('memory', address, port, knockAddress, this.#network);
    return path.join(this.#folder, `${name}.json`);
  }

  /** The key of this installation, made at first use; undefined where it cannot be. */
  #readKey(): Buffer | undefined {
    if (this.#key !== undefined || !this.#isUsable) return this.#key;
    const file = path.join(this.#folder, 'key');
    let text = readOwnFile(file);
    if (text === undefined) {
      createFileAtomically(file, randomKey().toString('hex'));
      text = readOwnFile(file);
    }
    this.#key = text === undefined ? undefined : Buffer.from(text);
    return this.#key;
  }

  /** Whether the folder is ours alone; where it does not exist it is made. */
  get #isUsable(): boolean {
    this.#usable ??= makePrivateFolder(this.#folder);
    return this.#usable;
  }

  #forgetOldest(): void {
    const files = fs.readdirSync(this.#folder).filter((name) => name.endsWith('.json'));
    if (files.length < MOST_MEMORIES) return;
    const aged = files
      .map((name) => path.join(this.#folder, name))
      .map((file) => ({ file, mtimeMs: fs.statSync(file).mtimeMs }))
      .sort((a, b) => a.mtimeMs - b.mtimeMs);
    for (const { file } of aged.slice(0, FORGOTTEN_AT_ONCE)) fs.rmSync(file, { force: true });
  }
}

/** From the kernel: loading node:crypto for it takes 3 ms. */
function randomKey(): Buffer {
  const key = Buffer.alloc(KEY_BYTES);
  try {
    const urandom = fs.openSync('/dev/urandom', 'r');
    const count = fs.readSync(urandom, key, 0, KEY_BYTES, null);
    fs.closeSync(urandom);
    if (count === KEY_BYTES) return key;
  } catch {}
  return requireBuiltin<typeof import('node:crypto')>('node:crypto').randomBytes(KEY_BYTES);
}

function wasRemoved(file: string): boolean {
  try {
    fs.unlinkSync(file);
    return true;
  } catch {
    return false;
  }
}

/** $XDG_STATE_HOME/knockproxy, else ~/.local/state/knockproxy (XDG Base Directory Specification). */
export function stateFolder(): string {
  const { XDG_STATE_HOME } = process.env;
  const base =
    XDG_STATE_HOME && path.isAbsolute(XDG_STATE_HOME)
      ? XDG_STATE_HOME
      : path.join(ownHome(), '.local', 'state');
  return path.join(base, 'knockproxy');
}

/** Which network we are in, as far as our own IPv4 addresses tell: their first three numbers. */
function network(): string {
  const all = Object.values(os.networkInterfaces()).flatMap((addresses) => addresses ?? []);
  const ours = all.filter(({ family, internal }) => family === 'IPv4' && !internal);
  return [...new Set(ours.map(({ address }) => address.replace(/\.\d+$/, '')))].sort().join(' ');
}

/** A home folder may be shared between machines, a socket cannot. */
function machineId(): string {
  try {
    return fs.readFileSync('/etc/machine-id', 'utf8').trim().slice(0, 12);
  } catch {
    return os.hostname().slice(0, 12);
  }
}
