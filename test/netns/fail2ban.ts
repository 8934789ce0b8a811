import { cpSync, writeFileSync } from 'node:fs';
import { Daemon } from './daemon.ts';
import type { Host } from './host.ts';

export interface Fail2banOptions {
  /** What it reads: sshd's lines as syslog writes them. */
  authLog: string;
  /** The ban comes with this failure within ten minutes. Default 3. */
  maxRetry?: number;
}

/** A real fail2ban with Debian's own files and its sshd jail in mode aggressive; it bans for ten minutes by iptables. */
export class Fail2ban {
  private constructor(private readonly daemon: Daemon) {}

  static async start(host: Host, base: string, options: Fail2banOptions): Promise<Fail2ban> {
    const directory = `${base}.d`;
    cpSync('/etc/fail2ban', directory, { recursive: true, dereference: true });
    writeFileSync(`${directory}/fail2ban.local`, serverConf(base));
    writeFileSync(`${directory}/jail.local`, jailConf(options));
    const argv = ['-f', '-c', directory, '-s', `${base}.socket`, '-p', `${base}.pid`, 'start'];
    const ready = (log: string) => log.includes("Jail 'sshd' started");
    return new Fail2ban(await Daemon.start(host, ['fail2ban-server', ...argv], `${base}.log`, ready));
  }

  log(): string {
    return this.daemon.log();
  }

  /** Addresses banned so far. */
  bans(): number {
    return this.log().match(/NOTICE +\[sshd\] Ban /g)?.length ?? 0;
  }

  stop(): Promise<void> {
    return this.daemon.stop();
  }
}

function serverConf(base: string): string {
  return `[Definition]
loglevel = INFO
logtarget = STDOUT
socket = ${base}.socket
pidfile = ${base}.pid
dbfile = None
`;
}

function jailConf({ authLog, maxRetry = 3 }: Fail2banOptions): string {
  return `[DEFAULT]
usedns = no
backend = polling

[sshd]
enabled = true
mode = aggressive
maxretry = ${maxRetry}
logpath = ${authLog}
`;
}
