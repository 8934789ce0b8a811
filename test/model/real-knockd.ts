/**
 * The real knockd on one end of a veth pair in a network namespace of its own, and a raw sender on the other.
 *
 * The namespace has no name: it lives in a process that ends with its stdin, and so does knockd. Nothing is left
 * behind, even when the test is killed.
 */
import { type ChildProcessWithoutNullStreams, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Door, Packet, TcpFlag } from './knockd.ts';

const KNOCKD = '/usr/sbin/knockd';
const SERVER = '10.78.0.1';
/** Sends the last packet of a run, so that its end can be seen in the log. Never a first step. */
const LAST: Packet = { source: '10.78.255.254', port: 50_002, protocol: 'udp', atMs: 0 };
const LAST_DOOR: Door = { name: 'last', sequence: [{ ...LAST, port: 50_003 }, LAST], seqTimeoutS: 25 };
const WAIT_MS = 20_000;
const FLAG_BITS: Record<TcpFlag, number> = { fin: 1, syn: 2, rst: 4, psh: 8, ack: 16, urg: 32 };

const SET_UP = `set -e
ip link set lo up
ip link add v0 type veth peer name v1
ip address add ${SERVER}/32 dev v1
ip link set v0 up
ip link set v1 up
echo ready
exec cat`;

/** Why the real knockd cannot run here, or undefined. */
export function whyNotHere(): string | undefined {
  if (process.getuid?.() !== 0) return 'not root';
  if (!existsSync(KNOCKD)) return `no ${KNOCKD}`;
  if (!['/usr/bin/gcc', '/usr/bin/cc'].some(existsSync)) return 'no C compiler';
  return undefined;
}

export class RealKnockd {
  readonly #folder = mkdtempSync(join(tmpdir(), 'knockd-model-'));
  readonly #namespace = spawn('unshare', ['--net', 'sh', '-c', SET_UP]);

  static async start(): Promise<RealKnockd> {
    const bed = new RealKnockd();
    const source = fileURLToPath(new URL('send.c', import.meta.url));
    execFileSync('cc', ['-O2', '-o', join(bed.#folder, 'send'), source]);
    await new Lines(bed.#namespace).until((line) => line === 'ready');
    return bed;
  }

  /** Starts knockd with these doors, sends it the packets in order, and returns its debug log. */
  async log(doors: readonly Door[], packets: readonly Packet[], spacingMs: number): Promise<string[]> {
    const config = join(this.#folder, 'knockd.conf');
    writeFileSync(config, [...doors, LAST_DOOR].map(configSection).join('\n'));
    const knockd = this.#inside(
      'sh',
      '-c',
      `${KNOCKD} -v -D -i v1 -c "$1" & cat; kill $!; wait`,
      'sh',
      config,
    );
    const lines = new Lines(knockd);
    try {
      // Printed after the packet socket is open and its filter set (main).
      await lines.until((line) => line.startsWith('listening on'));
      await this.#send([...packets, LAST], spacingMs);
      await lines.until(isLast);
      return lines.seen.slice(0, lines.seen.findIndex(isLast));
    } finally {
      knockd.stdin.end();
      await once(knockd, 'close');
    }
  }

  async stop(): Promise<void> {
    this.#namespace.stdin.end();
    await once(this.#namespace, 'close');
    rmSync(this.#folder, { recursive: true });
  }

  async #send(packets: readonly Packet[], spacingMs: number): Promise<void> {
    const sender = this.#inside(join(this.#folder, 'send'), 'v0', SERVER);
    sender.stderr.pipe(process.stderr);
    sender.stdin.end(packets.map((packet) => senderLine(packet, spacingMs)).join(''));
    const [code] = await once(sender, 'exit');
    if (code !== 0) throw new Error(`sender exited with ${code}`);
  }

  #inside(...command: string[]): ChildProcessWithoutNullStreams {
    const environment = { ...process.env, TZ: 'UTC' };
    return spawn('nsenter', [`--net=/proc/${this.#namespace.pid}/ns/net`, ...command], { env: environment });
  }
}

function isLast(line: string): boolean {
  return line.includes(`udp: ${LAST.source}:`);
}

function senderLine({ source, protocol, port, flags }: Packet, spacingMs: number): string {
  const bits = (flags ?? ['syn']).reduce((sum, flag) => sum + FLAG_BITS[flag], 0);
  return `${Math.round(spacingMs * 1000)} ${source} ${protocol === 'tcp' ? 't' : 'u'} ${port} ${bits}\n`;
}

function configSection({ name, sequence, seqTimeoutS, tcpflags }: Door): string {
  const steps = sequence.map(({ port, protocol }) => `${port}:${protocol}`).join(',');
  const flags = tcpflags ? `tcpflags = ${tcpflags.join(',')}\n` : '';
  return `[${name}]\nsequence = ${steps}\nseq_timeout = ${seqTimeoutS}\n${flags}`;
}

/** What a child has printed, and a way to wait for more. */
class Lines {
  readonly seen: string[] = [];
  #errors = '';
  #check: () => void = () => {};

  constructor(child: ChildProcessWithoutNullStreams) {
    child.stderr.on('data', (chunk: Buffer) => {
      this.#errors += chunk.toString();
    });
    createInterface({ input: child.stdout }).on('line', (line) => {
      this.seen.push(line);
      this.#check();
    });
  }

  /** Resolves once a line that is wanted has been printed, before or after the call. */
  async until(wanted: (line: string) => boolean): Promise<void> {
    let looked = 0;
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`not seen in time; stderr: ${this.#errors}`)), WAIT_MS);
      this.#check = () => {
        while (looked < this.seen.length) {
          if (!wanted(this.seen[looked++]!)) continue;
          clearTimeout(timer);
          resolve();
        }
      };
      this.#check();
    });
    this.#check = () => {};
  }
}
