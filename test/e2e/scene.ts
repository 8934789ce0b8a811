import { mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import {
  type Bed,
  type BedOptions,
  createBed,
  type Knockd,
  type KnockdDoor,
  knockdConf,
  type SshConfigOptions,
  type Sshd,
} from '../netns/index.ts';
import { KNOCK_SEQUENCE, Person } from './person.ts';

/** How the connection reaches ssh. */
export const MODES = ['relay', 'fdpass'] as const;
export type Mode = (typeof MODES)[number];

/** Ephemeral ports of the client, free of the sequence's: so a port of it in any output is a leak. */
const EPHEMERAL = '20000 27999';

export interface SceneOptions extends BedOptions {
  /** Instead of the article's door. */
  doors?: readonly KnockdDoor[];
}

/** The two hosts: a person at the client, and a real sshd behind the article's knockd and firewall. */
export class Scene {
  readonly person: Person;
  /** Of the last look at sshd's log. */
  private readonly seen = { connections: 0, logins: 0 };

  static async open({ doors = [], ...options }: SceneOptions = {}): Promise<Scene> {
    const bed = await createBed(options);
    try {
      await bed.client.must('sh', ['-c', `echo ${EPHEMERAL} > /proc/sys/net/ipv4/ip_local_port_range`]);
      const [sshd, knockd] = await Promise.all([bed.server.sshd(), bed.server.knockd(knockdConf(...doors))]);
      return new Scene(bed, sshd, knockd);
    } catch (error) {
      await bed.close();
      throw error;
    }
  }

  private constructor(
    readonly bed: Bed,
    readonly sshd: Sshd,
    readonly knockd: Knockd,
  ) {
    const { ip, ip6 } = bed.server;
    const both = [`${ip} dual.example`, `${ip6} dual.example`];
    this.person = new Person(bed.client, bed.dir, [`${ip} v4.example`, `${ip6} v6.example`, ...both]);
  }

  /** What a person writes: `Host server` in ~/.ssh/config, and its door in ~/.ssh/knock_config. */
  configure(mode: Mode, options: SshConfigOptions = {}, door: readonly string[] = [KNOCK_SEQUENCE]): void {
    const path = this.bed.sshConfig({
      proxyCommand: "knockproxy -- '%h' %p '%n' '%r'",
      proxyUseFdpass: mode === 'fdpass',
      top: [],
      ...options,
    });
    this.person.write('config', [readFileSync(path, 'utf8')]);
    this.person.write('knock_config', ['Host server', ...door]);
  }

  /**
   * Shuts the door, with no stop command of an earlier login left, and proves that a direct connect fails. A shut port
   * does not answer, or answers with RST or ICMP. Nothing is left of what earlier logins learned.
   */
  async shut({ port = 22, answer }: { port?: number; answer?: 'tcp-reset' | 'icmp' } = {}): Promise<void> {
    const { server, client } = this.bed;
    this.person.forget();
    await this.knockd.restart();
    await (answer === undefined ? server.firewall.article() : server.firewall.reject(answer));
    const probes = [server.ip, server.ip6].map((ip) => client.probe(ip, port, 120));
    const shut = answer === undefined ? 'filtered' : 'refused';
    expect(await Promise.all(probes)).toEqual([shut, shut]);
    await server.resetCounts();
    this.news();
  }

  /** Connections and logins that sshd has seen since the last call, or since shut(). */
  news(): { connections: number; logins: number } {
    const [connections, logins] = [this.sshd.connections(), this.sshd.logins()];
    const news = { connections: connections - this.seen.connections, logins: logins - this.seen.logins };
    Object.assign(this.seen, { connections, logins });
    return news;
  }

  /** A new empty directory. */
  workDir(): string {
    return mkdtempSync(join(this.bed.dir, 'work-'));
  }

  close(): Promise<void> {
    return this.bed.close();
  }
}
