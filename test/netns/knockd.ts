import { writeFileSync } from 'node:fs';
import { Daemon } from './daemon.ts';
import type { Host } from './host.ts';

export interface KnockdOptions {
  /** Default eth0. */
  interface?: string;
  /** Log each stage, not only opened doors: it costs knockd time. Default false. */
  debug?: boolean;
}

/** A real knockd, in the foreground. The conf must not name a log file: this class reads the log. */
export class Knockd {
  private constructor(
    private daemon: Daemon,
    private readonly launch: () => Promise<Daemon>,
  ) {}

  static async start(host: Host, base: string, conf: string, options: KnockdOptions): Promise<Knockd> {
    writeFileSync(`${base}.conf`, conf);
    const debug = options.debug ? ['-D'] : [];
    const argv = ['-c', `${base}.conf`, '-i', options.interface ?? 'eth0', '-g', `${base}.log`, ...debug];
    let starts = 0;
    const launch = () => {
      starts += 1;
      const wanted = starts;
      // knockd writes this line after its capture and the filter for it are in place (seen with strace)
      const ready = (log: string) => count(log, /starting up, listening on/g) === wanted;
      return Daemon.start(host, ['knockd', ...argv], `${base}.log`, ready);
    };
    return new Knockd(await launch(), launch);
  }

  log(): string {
    return this.daemon.log();
  }

  /** How often a door has opened (or a close sequence was completed), by its name in the conf or all together. */
  opened(door?: string): number {
    const name = door === undefined ? '.*' : door.replace(/[^\w]/g, '\\$&');
    return count(this.log(), new RegExp(`: ${name}: OPEN SESAME`, 'g'));
  }

  /** Also ends its sleeping stop commands: an open door stays as it is. */
  stop(): Promise<void> {
    return this.daemon.stop('SIGKILL'); // SIGTERM takes effect only at the next packet
  }

  /** A new process with the same conf and log: all attempts are forgotten. */
  async restart(): Promise<void> {
    await this.stop();
    this.daemon = await this.launch();
  }
}

function count(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}
