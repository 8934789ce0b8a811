import fs from 'node:fs';
import { ownHome, passwdEntry } from '../util/own-home.ts';
import { programPath } from '../util/program-path.ts';
import { requireBuiltin } from '../util/require-builtin.ts';
import { readStream } from './read-stream.ts';
import type { ConfigSystem, FileBytes } from './types.ts';

export type { ConfigSystem };

/** Thrown if the exit status of a command is needed that has not run yet: withExec() runs it. */
export class CommandNotRun {
  readonly command: string;
  /** The whole environment. */
  readonly env: NodeJS.ProcessEnv;

  constructor(command: string, env: NodeJS.ProcessEnv) {
    this.command = command;
    this.env = env;
  }
}

/** The I/O of the evaluator on this machine. Use withExec() to run commands of Match exec. */
export function realSystem(env: Readonly<Record<string, string | undefined>> = process.env): ConfigSystem {
  let version: string | undefined;
  let user: { homedir: string; username: string } | undefined;
  const passwd = () => {
    // ssh itself refuses to run without an entry; other SSH clients do not.
    user ??= passwdEntry() ?? { homedir: ownHome(env.HOME), username: '' };
    return user;
  };
  return {
    read,
    list,
    exists,
    env: (name) => (env[name] === undefined ? undefined : latin1(env[name])),
    uid: process.getuid?.() ?? 0,
    get home() {
      return passwd().homedir;
    },
    get localUser() {
      return passwd().username;
    },
    hostname: () => latin1(requireBuiltin<typeof import('node:os')>('node:os').hostname()),
    sshVersion() {
      version ??= sshVersion();
      return version;
    },
    inNetworks,
    sha1Hex: (text) =>
      requireBuiltin<typeof import('node:crypto')>('node:crypto')
        .createHash('sha1')
        .update(text, 'latin1')
        .digest('hex'),
    exec(command, extra) {
      throw new CommandNotRun(command, { ...env, ...extra });
    },
  };
}

function read(path: string): FileBytes | string {
  let fd: number | undefined;
  try {
    const { O_RDONLY, O_NONBLOCK = 0 } = fs.constants;
    fd = fs.openSync(bytes(path), O_RDONLY | O_NONBLOCK);
    const stat = fs.fstatSync(fd);
    const { mode, uid, gid, mtimeMs: changedAt } = stat;
    const text = stat.isFile() ? fs.readFileSync(fd, 'latin1') : stat.isDirectory() ? '' : readStream(fd);
    return { text, mode, uid, gid, changedAt };
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'EIO';
  } finally {
    if (fd !== undefined) fs.closeSync(fd);
  }
}

function list(path: string): readonly string[] {
  try {
    return fs.readdirSync(bytes(path), 'latin1');
  } catch {
    return [];
  }
}

function exists(path: string): boolean {
  try {
    return fs.lstatSync(bytes(path), { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}

function bytes(path: string): Buffer {
  return Buffer.from(path, 'latin1');
}

function latin1(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

/** The output of `ssh -V` up to the name of its crypto library. */
function sshVersion(): string {
  const { spawnSync } = requireBuiltin<typeof import('node:child_process')>('node:child_process');
  const ssh = programPath('ssh');
  if (ssh === undefined) return '';
  const { stderr } = spawnSync(ssh, ['-V'], {
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'latin1',
    timeout: 2000,
  });
  return (stderr ?? '').split(/[,\n]/, 1)[0]!.trim();
}

function inNetworks(cidrs: readonly string[]): boolean {
  const { BlockList, isIPv6 } = requireBuiltin<typeof import('node:net')>('node:net');
  const { networkInterfaces } = requireBuiltin<typeof import('node:os')>('node:os');
  const networks = new BlockList();
  for (const cidr of cidrs) {
    const [address = '', length] = cidr.split('/');
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    try {
      networks.addSubnet(address, Number(length ?? (family === 'ipv6' ? 128 : 32)), family);
    } catch {
      // ssh refuses the whole file for such an address.
    }
  }
  return Object.values(networkInterfaces()).some((own) =>
    own?.some(({ address, family }) => networks.check(address, family === 'IPv6' ? 'ipv6' : 'ipv4')),
  );
}
