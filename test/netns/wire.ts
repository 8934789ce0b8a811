import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { spawnArgv } from './run.ts';

/** What the wire does to frames of one direction. Each default is 0. */
export interface Impairment {
  /** One way, so half of what it adds to the round trip. */
  delayMs?: number;
  /** Each frame waits a uniform extra [0, jitterMs] of its own, so frames overtake each other. */
  jitterMs?: number;
  lossPct?: number;
  dupPct?: number;
}

/** Both directions alike, unless toServer or toClient says otherwise for its direction. */
export interface WireOptions extends Impairment {
  toServer?: Impairment;
  toClient?: Impairment;
  /** Default: the environment variable BED_SEED, else 1. */
  seed?: number;
}

export interface DirectionStats {
  /** Frames taken in, those of ARP and neighbour discovery (`exempt`) not counted. */
  in: number;
  /** Frames delivered, exempt ones included. */
  out: number;
  lost: number;
  /** Lost because of drop(). */
  dropped: number;
  doubled: number;
  exempt: number;
  /** Frames delivered after one that came in later. */
  reordered: number;
  /** The worst delay beyond what was asked for: a busy machine. */
  lateMaxMs: number;
}

type Direction = 'toServer' | 'toClient';

/** A cable with faults between the client's side and the server: see wire.c. */
export class Wire {
  readonly seed: number;
  private readonly child;
  private readonly lines: AsyncIterableIterator<string>;
  private last: Promise<unknown> = Promise.resolve();

  private constructor(clientNamespace: string, serverNamespace: string, seed: number) {
    this.seed = seed;
    const namespaces = [clientNamespace, serverNamespace].map((name) => `/run/netns/${name}`);
    this.child = spawnArgv([wireProgram(), ...namespaces, String(seed)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.child.on('error', () => {}); // answer() then tells
    this.child.stdin!.on('error', () => {});
    this.lines = createInterface({ input: this.child.stdout! })[Symbol.asyncIterator]();
    this.hold(false);
  }

  /** Makes `eth0` in both namespaces and starts to carry frames. */
  static async start(clientNamespace: string, serverNamespace: string, options: WireOptions): Promise<Wire> {
    const seed = options.seed ?? Number(process.env.BED_SEED ?? 1);
    const wire = new Wire(clientNamespace, serverNamespace, seed);
    await wire.answer();
    await wire.set(options);
    return wire;
  }

  /** Replaces all impairments, for frames that come from now on. The seed stays. */
  async set(options: WireOptions): Promise<void> {
    for (const [index, side] of [options.toServer, options.toClient].entries()) {
      const { delayMs = 0, jitterMs = 0, lossPct = 0, dupPct = 0 } = { ...options, ...side };
      await this.ask(`set ${index} ${delayMs} ${jitterMs} ${lossPct} ${dupPct}`);
    }
  }

  /** Loses exactly the next `count` packets of that protocol to that destination port, whatever the seed. */
  async drop(direction: Direction, proto: 'tcp' | 'udp', port: number, count = 1): Promise<void> {
    await this.ask(`drop ${direction === 'toServer' ? 0 : 1} ${proto === 'tcp' ? 6 : 17} ${port} ${count}`);
  }

  async stats(): Promise<Record<Direction, DirectionStats>> {
    return (await this.ask('stats')) as Record<Direction, DirectionStats>;
  }

  /** One command at a time, each with its one line of answer. */
  private ask(command: string): Promise<unknown> {
    const asked = this.last.then(() => {
      this.child.stdin!.write(`${command}\n`);
      return this.answer();
    });
    this.last = asked.catch(() => {});
    return asked;
  }

  private async answer(): Promise<unknown> {
    this.hold(true);
    const line = await this.lines.next();
    this.hold(false);
    if (line.done) throw new Error('the wire program ended');
    const answer = JSON.parse(line.value);
    if (answer.error) throw new Error(`wire: ${answer.error}`);
    return answer;
  }

  /** Keeps Node alive only while an answer is awaited: a script that forgets close() must still end. */
  private hold(on: boolean): void {
    const { child } = this;
    for (const handle of [child, child.stdin, child.stdout] as unknown as { ref(): void; unref(): void }[])
      on ? handle.ref() : handle.unref();
  }
}

/** Path of the compiled wire.c; compiled at first use and kept in node_modules/.cache by a hash of its source. */
export function wireProgram(): string {
  const source = fileURLToPath(new URL('wire.c', import.meta.url));
  const cache = fileURLToPath(new URL('../../node_modules/.cache/knockproxy', import.meta.url));
  const hash = createHash('sha256').update(readFileSync(source)).digest('hex').slice(0, 16);
  const program = `${cache}/wire-${hash}`;
  if (existsSync(program)) return program;
  mkdirSync(cache, { recursive: true });
  const fresh = `${program}.${randomBytes(4).toString('hex')}`; // several test workers may compile at once
  execFileSync('cc', ['-O2', '-o', fresh, source], { stdio: ['ignore', 'inherit', 'inherit'] });
  renameSync(fresh, program);
  return program;
}
