import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Bed, waitFor } from '../../test/netns/index.ts';
import { prepareStopwatch } from './stopwatch.ts';

/** How long a program may take to its first knock, in ms. */
const LIMIT_MS = 5000;

/** Sees when packets reach the server, by the kernel's own timestamps: tcpdump in its namespace. */
export class KnockWatch {
  /** Wall clock of each SYN seen, ms since the epoch. */
  private readonly seenMs: number[] = [];

  private constructor(private readonly bed: Bed) {}

  /** Watches for SYNs to one port until the bed is closed. */
  static async start(bed: Bed, port: number): Promise<KnockWatch> {
    const watch = new KnockWatch(bed);
    const filter = `tcp[tcpflags] & (tcp-syn|tcp-ack) == tcp-syn and dst port ${port}`;
    const options = ['-i', 'eth0', '-n', '-tt', '-l', '--immediate-mode', '--time-stamp-precision=nano'];
    const tcpdump = bed.server.spawn('tcpdump', [...options, filter]);
    let listening = false;
    tcpdump.stderr.on('data', (text: Buffer) => {
      listening ||= text.includes('listening on');
    });
    createInterface({ input: tcpdump.stdout }).on('line', (line) => {
      watch.seenMs.push(Number.parseFloat(line) * 1000);
    });
    await waitFor('tcpdump to listen', () => listening);
    return watch;
  }

  /** Time from the exec of a command on the client to its first SYN, in ms; then the command is killed. */
  async firstKnock(argv: readonly string[], env: Record<string, string> = {}): Promise<number> {
    const { stopwatch, report, remove } = prepareStopwatch();
    this.seenMs.length = 0;
    const [program, file] = stopwatch;
    // A command that is killed leaves its turn behind; the next one shall not have to find out that it is dead.
    const XDG_RUNTIME_DIR = mkdtempSync(join(this.bed.dir, 'run-'));
    const child = this.bed.client.spawn(program, [file, ...argv], {
      env: { ...env, XDG_RUNTIME_DIR },
      stdio: 'ignore',
    });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    try {
      const seenMs = await waitFor('the first knock', () => this.seenMs[0], LIMIT_MS);
      child.kill('SIGTERM');
      await ended;
      return seenMs - report().startedMs;
    } finally {
      child.kill('SIGTERM');
      remove();
    }
  }
}
