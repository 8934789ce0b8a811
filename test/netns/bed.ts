import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bedUnavailable } from './available.ts';
import { Host } from './host.ts';
import { type Keys, keyPaths, knownHostsLine, makeKeys } from './keys.ts';
import { Reaper } from './reaper.ts';
import { mustRun } from './run.ts';
import { Server } from './server.ts';
import { type SshConfigOptions, writeSshConfig } from './ssh-config.ts';
import {
  allNames,
  clientAddress,
  linkScript,
  type Names,
  namespaceScript,
  OUTER_ADDRESS,
  SERVER_ADDRESS,
} from './topology.ts';
import { Wire, type WireOptions } from './wire.ts';

export interface BedOptions {
  /** A wire with faults between clients and server; without it they are linked by a plain veth. */
  wire?: WireOptions;
  /** So many clients behind a router that masquerades them as one address. Default: one client, no router. */
  clientsBehindRouter?: number;
}

/** Makes a bed: namespaces, links, addresses, keys. It is removed by close(), or when this process ends in any way. */
export async function createBed(options: BedOptions = {}): Promise<Bed> {
  const reason = bedUnavailable(options.wire !== undefined);
  if (reason !== undefined) throw new Error(`no test bed here: ${reason}`);
  const names = makeNames(options.clientsBehindRouter);
  const dir = mkdtempSync(join(tmpdir(), 'bed-'));
  const reaper = new Reaper(dir, allNames(names));
  try {
    const keys = keyPaths(dir);
    const [wire] = await Promise.all([connect(names, options.wire), makeKeys(keys)]);
    for (const path of Object.values(privateEnv(dir))) mkdirSync(path, { recursive: true, mode: 0o700 });
    writeFileSync(keys.knownHosts, knownHostsLine(keys));
    const bed = new Bed(names, dir, keys, wire, reaper);
    await bed.server.resetCounts();
    return bed;
  } catch (error) {
    await reaper.reap();
    throw error;
  }
}

/** One or more clients and a server, with nothing running and no firewall at first. */
export class Bed {
  /** The only client, or the first. */
  readonly client: Host;
  readonly clients: readonly Host[];
  /** Between the clients and the wire, if clientsBehindRouter was given. */
  readonly router: Host | undefined;
  readonly server: Server;
  private configs = 0;

  constructor(
    names: Names,
    /** A directory of the bed's own, for tests' files too; removed with it. */
    readonly dir: string,
    readonly keys: Keys,
    private readonly maybeWire: Wire | undefined,
    private readonly reaper: Reaper,
  ) {
    this.clients = names.clients.map((name, n) => {
      const { ip, ip6 } = clientAddress(names, n);
      return new Host(name, ip, ip6, privateEnv(dir));
    });
    this.client = this.clients[0]!;
    this.router =
      names.router === undefined ? undefined : new Host(names.router, OUTER_ADDRESS.ip, OUTER_ADDRESS.ip6);
    this.server = new Server(names.server, SERVER_ADDRESS, dir, keys);
  }

  /** The address that the server sees as the source, the router's if there is one. */
  get seenIp(): string {
    return OUTER_ADDRESS.ip;
  }

  get seenIp6(): string {
    return OUTER_ADDRESS.ip6;
  }

  /** Throws in a bed made without the `wire` option. */
  get wire(): Wire {
    if (this.maybeWire === undefined) throw new Error('this bed has no wire, only a veth');
    return this.maybeWire;
  }

  /** Writes a client config, complete and asking nothing, and returns its path: `ssh -F path server`. */
  sshConfig(options: SshConfigOptions = {}): string {
    this.configs += 1;
    const path = join(this.dir, `ssh_config-${this.configs}`);
    writeSshConfig(path, this.keys, this.server.ip, options);
    return path;
  }

  /** A client for a user whose ~/.ssh/config is as sshConfig() writes it: plain `ssh server`, git, rsync, scp. */
  userHost(options: SshConfigOptions = {}, client: Host = this.client): Host {
    const directory = mkdtempSync(join(this.dir, 'dot-ssh-'));
    writeSshConfig(join(directory, 'config'), this.keys, this.server.ip, options);
    return client.withSshDirectory(directory);
  }

  /** Kills what runs in the bed, removes namespaces and files; returns when all are gone. Safe to call twice. */
  close(): Promise<void> {
    return this.reaper.reap();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** Programs on the clients keep their caches and state in the bed: nothing of the real user's is read or changed. */
function privateEnv(dir: string): Record<string, string> {
  const kinds = ['CACHE_HOME', 'CONFIG_HOME', 'DATA_HOME', 'STATE_HOME', 'RUNTIME_DIR'];
  return Object.fromEntries(kinds.map((kind) => [`XDG_${kind}`, join(dir, 'xdg', kind.toLowerCase())]));
}

/** Names are unique on the machine, and short: `ip netns` lists them. */
function makeNames(clientsBehindRouter = 0): Names {
  const prefix = `knock${process.pid}-${randomBytes(3).toString('hex')}`;
  const clients = Array.from({ length: Math.max(1, clientsBehindRouter) }, (_, n) => `${prefix}-c${n}`);
  return { clients, router: clientsBehindRouter > 0 ? `${prefix}-r` : undefined, server: `${prefix}-s` };
}

async function connect(names: Names, wireOptions: WireOptions | undefined): Promise<Wire | undefined> {
  await mustRun(['sh', '-e'], { input: namespaceScript(names) });
  const wire =
    wireOptions && (await Wire.start(names.router ?? names.clients[0]!, names.server, wireOptions));
  await mustRun(['sh', '-e'], { input: linkScript(names, wire !== undefined) });
  return wire;
}
