import { join } from 'node:path';
import { type ArrivalCounts, COUNTER_RULES, readCounters } from './counters.ts';
import { Fail2ban, type Fail2banOptions } from './fail2ban.ts';
import { Firewall } from './firewall.ts';
import { Fwknopd, type FwknopdOptions } from './fwknopd.ts';
import { Host } from './host.ts';
import type { Keys } from './keys.ts';
import { Knockd, type KnockdOptions } from './knockd.ts';
import { Sshd, type SshdOptions } from './sshd.ts';
import { Syslog } from './syslog.ts';
import type { Address } from './topology.ts';
import { Ufw } from './ufw.ts';

/** The hidden machine. Daemons started here end with the bed at the latest. */
export class Server extends Host {
  readonly firewall = new Firewall(this);
  private started = 0;

  constructor(
    name: string,
    address: Address,
    private readonly dir: string,
    private readonly keys: Keys,
  ) {
    super(name, address.ip, address.ip6);
  }

  /** Starts a real sshd and waits until it listens. */
  sshd(options: SshdOptions = {}): Promise<Sshd> {
    return Sshd.start(this, this.fileBase('sshd'), this.keys, options);
  }

  /** Starts a real knockd and waits until its capture runs. */
  knockd(conf: string, options: KnockdOptions = {}): Promise<Knockd> {
    return Knockd.start(this, this.fileBase('knockd'), conf, options);
  }

  /** Starts a real fwknopd and waits until its capture runs. */
  fwknopd(options: FwknopdOptions): Promise<Fwknopd> {
    return Fwknopd.start(this, this.fileBase('fwknopd'), options);
  }

  /** Starts a syslog daemon, for an sshd that logs to it. */
  syslog(): Promise<Syslog> {
    return Syslog.start(this, this.fileBase('syslog'));
  }

  /** Starts a real fail2ban and waits until its jail runs. */
  fail2ban(options: Fail2banOptions): Promise<Fail2ban> {
    return Fail2ban.start(this, this.fileBase('fail2ban'), options);
  }

  /** Enables a real ufw, whatever the firewall was. */
  ufw(): Promise<Ufw> {
    return Ufw.enable(this, this.fileBase('ufw'));
  }

  /** Back to no firewall and counters at zero. Daemons go on. */
  async flush(): Promise<void> {
    await this.firewall.open();
    await this.resetCounts();
  }

  /** What has arrived since the bed began or resetCounts(), before any firewall. */
  counts(): Promise<ArrivalCounts> {
    return readCounters(this);
  }

  /** TCP packets with only SYN set that have arrived for a port, resent ones included. */
  async countSyn(port: number): Promise<number> {
    return (await this.counts()).syn.get(port) ?? 0;
  }

  async countUdp(port: number): Promise<number> {
    return (await this.counts()).udp.get(port) ?? 0;
  }

  async resetCounts(): Promise<void> {
    const forget = 'add table inet knockproxy_count\ndelete table inet knockproxy_count\n';
    await this.must('nft', ['-f', '-'], { input: forget + COUNTER_RULES });
  }

  /** Each daemon's files begin with a path of its own. */
  private fileBase(program: string): string {
    this.started += 1;
    return join(this.dir, `${program}-${this.started}`);
  }
}
