import { mkdirSync, writeFileSync } from 'node:fs';
import { Daemon } from './daemon.ts';
import type { Host } from './host.ts';

export interface FwknopdOptions {
  /** KEY_BASE64 and HMAC_KEY_BASE64 of access.conf. */
  keyBase64: string;
  hmacKeyBase64: string;
  /** How long the door stays open. Default 30 s. */
  openS?: number;
  /** More lines, `VAR value;` in both files. */
  confLines?: readonly string[];
  accessLines?: readonly string[];
}

/** A real fwknopd in the foreground, on eth0 and UDP port 62201. */
export class Fwknopd {
  private constructor(private readonly daemon: Daemon) {}

  static async start(host: Host, base: string, options: FwknopdOptions): Promise<Fwknopd> {
    mkdirSync(`${base}.run`, { mode: 0o700 });
    writeFileSync(`${base}.conf`, conf(`${base}.run`, options), { mode: 0o600 });
    writeFileSync(`${base}.access`, access(options), { mode: 0o600 });
    const argv = ['-f', '-c', `${base}.conf`, '-a', `${base}.access`];
    const ready = (log: string) => log.includes('Starting fwknopd main event loop');
    return new Fwknopd(await Daemon.start(host, ['fwknopd', ...argv], `${base}.log`, ready));
  }

  log(): string {
    return this.daemon.log();
  }

  stop(): Promise<void> {
    return this.daemon.stop();
  }
}

function conf(runDir: string, { confLines = [] }: FwknopdOptions): string {
  return `PCAP_INTF eth0;
PCAP_FILTER udp port 62201;
FWKNOP_RUN_DIR ${runDir};
${confLines.join('\n')}
`;
}

function access({ keyBase64, hmacKeyBase64, openS = 30, accessLines = [] }: FwknopdOptions): string {
  return `SOURCE ANY
KEY_BASE64 ${keyBase64}
HMAC_KEY_BASE64 ${hmacKeyBase64}
FW_ACCESS_TIMEOUT ${openS}
${accessLines.join('\n')}
`;
}
