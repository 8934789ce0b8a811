import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ARTICLE_SEQUENCE, type Bed, createBed, type Knockd, knockdConf } from '../../test/netns/index.ts';
import { killAll } from '../../test/netns/kill.ts';
import { programUnderTest } from './programs.ts';
import { emptyNode, limitCommand } from './ways.ts';

/** All addresses of the fleet. */
const PATTERN = '10.77.1.*';
const PLAIN = { host: PATTERN, hostName: '%h' };

/**
 * A fleet in one namespace: so many addresses, each with a knockd of its own that opens port 22 of that address only,
 * and one sshd behind them.
 */
export class Fleet {
  static async open(size: number): Promise<Fleet> {
    const bed = await createBed();
    try {
      const addresses = Array.from({ length: size }, (_, n) => `10.77.1.${n + 1}`);
      const lines = addresses.map((address) => `addr add ${address}/32 dev eth0\n`).join('');
      await bed.server.must('ip', ['-batch', '-'], { input: lines });
      await bed.client.must('ip', ['route', 'add', '10.77.1.0/24', 'via', bed.server.ip]);
      await bed.server.sshd();
      const knockds: Knockd[] = [];
      for (const address of addresses) knockds.push(await bed.server.knockd(conf(address)));
      return new Fleet(bed, addresses, knockds);
    } catch (error) {
      await bed.close();
      throw error;
    }
  }

  private constructor(
    readonly bed: Bed,
    readonly addresses: readonly string[],
    private readonly knockds: readonly Knockd[],
  ) {}

  /** Shuts all doors, or opens port 22 to all; no connection of an earlier run is left. */
  async reset(door: 'shut' | 'open'): Promise<void> {
    const { client, server } = this.bed;
    await killAll(client, 'ssh');
    await killAll(server, 'knockd');
    for (const knockd of this.knockds) await knockd.restart();
    await server.firewall.article();
    if (door === 'open') {
      await server.must('iptables', ['-I', 'INPUT', '-p', 'tcp', '--dport', '22', '-j', 'ACCEPT']);
    }
  }

  /** Path of a client config that connects directly. */
  plainConfig(): string {
    return this.bed.sshConfig(PLAIN);
  }

  /** With knockproxy. */
  knockedConfig(): string {
    const doors = join(this.bed.dir, 'fleet_knock_config');
    const door = `Host ${PATTERN}\n    KnockSequence ${ARTICLE_SEQUENCE.join(',')}\n`;
    writeFileSync(doors, door, { mode: 0o600 });
    const options = `-F ${this.plainConfig()} --knock-config ${doors}`;
    const proxyCommand = `${process.execPath} ${programUnderTest()} ${options} -- '%h' %p '%n' '%r'`;
    return this.bed.sshConfig({ ...PLAIN, proxyCommand });
  }

  /** With the C program that does the least there is to do. */
  limitConfig(): string {
    return this.bed.sshConfig({ ...PLAIN, proxyCommand: limitCommand() });
  }

  /** Without a door, but with an empty Node before each connection. */
  emptyNodeConfig(): string {
    const proxyCommand = `sh -c '${emptyNode().join(' ')}; exec nc %h %p'`;
    return this.bed.sshConfig({ ...PLAIN, proxyCommand });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.bed.close();
  }
}

/** The article's door for one address of the many that this machine has. */
function conf(address: string): string {
  return knockdConf()
    .replaceAll('-s %IP%', `-s %IP% -d ${address}`)
    .replaceAll('  tcpflags ', `  Target          = ${address}\n  tcpflags `);
}
