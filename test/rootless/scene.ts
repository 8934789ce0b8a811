import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Children } from '../../examples/demo/children.ts';
import { DemoDoor, type Knock } from '../../examples/demo/door.ts';
import { makeKeys, writeSshFiles } from '../../examples/demo/ssh-files.ts';
import { sshServer } from '../../examples/demo/ssh-server.ts';
import { NODE, PROGRAM } from '../cli/run.ts';

export interface SceneOptions {
  /** What runs behind the door; default: an SSH server for ssh's Host `demo`. */
  readonly service?: (socket: net.Socket) => void;
  /** How long the door stays open, in ms. */
  readonly openMs?: number;
  /** Path of the Node that runs the program. */
  readonly node?: string;
}

/** A door in userspace on loopback and a home folder for its user: everything a login needs, without root. */
export interface Scene {
  readonly door: DemoDoor;
  readonly home: string;
  /** Every knock that arrived, in order. */
  readonly knocks: readonly Knock[];
  /** How often somebody came through the door. */
  readonly accepted: () => number;
  /** Replaces the sequence in knock_config. */
  configure(lines: string): void;
  /** Starts the program as ssh does for this door. */
  login(...options: string[]): ChildProcess;
  /** Runs ssh with the scene's ssh_config to its end. */
  ssh(...args: string[]): ReturnType<Children['run']>;
  close(): Promise<void>;
}

export async function createScene({
  service,
  openMs = 2000,
  node = NODE,
}: SceneOptions = {}): Promise<Scene> {
  const home = mkdtempSync(join(tmpdir(), 'knockproxy rootless-'));
  mkdirSync(join(home, 'server'));
  const children = new Children();
  const steps = (['tcp', 'udp', 'tcp'] as const).map((protocol) => ({ protocol, port: 0 }));
  const door = new DemoDoor({ steps, openMs });
  await door.start();
  const keys = makeKeys();
  writeSshFiles(home, door, keys, PROGRAM, node);
  const knocks: Knock[] = [];
  let accepted = 0;
  door.on('knock', (knock) => knocks.push(knock));
  door.on('connection', () => accepted++);
  const server = {
    hostKey: keys.host.private,
    userKey: keys.user.public,
    root: join(home, 'server'),
    children,
  };
  door.on('connection', service ?? sshServer(server));
  const folders = { XDG_STATE_HOME: home, XDG_CACHE_HOME: home, XDG_RUNTIME_DIR: home };
  const env = { ...process.env, SHELL: '/bin/sh', LC_ALL: 'C', ...folders };
  const knockConfig = join(home, 'knock_config');
  const operands = [door.host, String(door.targetPort), 'demo'];
  return {
    door,
    home,
    knocks,
    accepted: () => accepted,
    configure: (lines) => writeFileSync(knockConfig, `Host demo\n${lines}\n`, { mode: 0o600 }),
    login: (...options) => {
      const args = [PROGRAM, '-F', 'none', '--knock-config', knockConfig, ...options, '--', ...operands];
      return spawn(node, args, { env, stdio: 'pipe' });
    },
    ssh: (...args) => children.run('ssh', ['-F', join(home, 'ssh_config'), ...args], { cwd: home, env }),
    close: async () => {
      await Promise.all([children.stop(), door.removeAllListeners().stop()]);
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** Everything that a stream gives, in latin1, until it ends. */
export async function textOf(stream: NodeJS.ReadableStream | null): Promise<string> {
  let text = '';
  for await (const chunk of stream!.setEncoding('latin1')) text += chunk;
  return text;
}

/** Waits until a program has ended and its streams are closed. */
export async function ended(
  child: ChildProcess,
): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'close');
  return { code: child.exitCode, signal: child.signalCode };
}
