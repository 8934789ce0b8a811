import {
  type NftDoorOptions,
  nftDoorTable,
  type RecentDoorOptions,
  recentDoorRules,
  type Step,
} from './doors.ts';
import type { Host } from './host.ts';

type Family = 'iptables' | 'ip6tables';

/** The article's firewall: INPUT drops all but loopback and what belongs to a known connection. */
const ARTICLE = ['-A INPUT -i lo -j ACCEPT', '-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT'];

const NO_ICMP_LIMIT = 'echo 0 >/proc/sys/net/ipv4/icmp_ratelimit; echo 0 >/proc/sys/net/ipv6/icmp/ratelimit';

/** The firewall of the server. Each method replaces what was there, in IPv4 and IPv6 alike. */
export class Firewall {
  constructor(private readonly host: Host) {}

  /** Policy DROP: a SYN to a closed door gets no answer. */
  article(): Promise<void> {
    return this.replace('DROP', () => ARTICLE);
  }

  /**
   * Like article(), but a closed port answers at once: with RST, or with ICMP port unreachable. ICMP needs a wire with
   * a delay: without one it arrives inside the connect call, while Linux takes no such error (tcp_v4_err). Linux's limit
   * of about one ICMP error a second for each peer is lifted, or the answer would depend on what came before.
   */
  async reject(answer: 'tcp-reset' | 'icmp'): Promise<void> {
    if (answer === 'icmp') await this.host.must('sh', ['-ec', NO_ICMP_LIMIT]);
    await this.replace('DROP', (family) => {
      const icmp = family === 'iptables' ? 'icmp-port-unreachable' : 'icmp6-port-unreachable';
      const [match, how] = answer === 'icmp' ? ['', icmp] : ['-p tcp ', 'tcp-reset'];
      return [...ARTICLE, `-A INPUT ${match}-j REJECT --reject-with ${how}`];
    });
  }

  /**
   * Like article(), with more rules of INPUT behind; with `policy` ACCEPT those rules only, for a door in a table of its
   * own.
   */
  limited(lines: readonly string[], policy: 'ACCEPT' | 'DROP' = 'DROP'): Promise<void> {
    return this.replace(policy, () => [...(policy === 'DROP' ? ARTICLE : []), ...lines]);
  }

  /** A door of the `recent` match; no daemon is needed. */
  recent(sequence: readonly Step[], options?: RecentDoorOptions): Promise<void> {
    const [chains, rules] = partition(recentDoorRules(sequence, options), (line) => line.startsWith(':'));
    return this.replace('DROP', () => [...chains, ...ARTICLE, ...rules]);
  }

  /** A door of nftables sets; no daemon is needed. */
  async nft(sequence: readonly Step[], options?: NftDoorOptions): Promise<void> {
    await this.open();
    await this.addNft(sequence, options);
  }

  /** The same door beside the rules that there are. */
  async addNft(sequence: readonly Step[], options?: NftDoorOptions): Promise<void> {
    await this.host.must('nft', ['-f', '-'], { input: nftDoorTable(sequence, options) });
  }

  /** Shuts the door that nft() made, and forgets what was knocked. Other rules and their counts stay. */
  async shutNft(sequence: readonly Step[]): Promise<void> {
    const flush = (family: string) =>
      sequence.map((_, n) => `flush set inet knockproxy_door ${family}_${n + 1}\n`).join('');
    await this.host.must('nft', ['-f', '-'], { input: flush('ip') + flush('ip6') });
  }

  /** No firewall at all. */
  open(): Promise<void> {
    return this.replace('ACCEPT', () => []);
  }

  /** The rules of one chain, as `iptables -S` prints them. */
  async rules(family: Family = 'iptables', chain = 'INPUT'): Promise<string[]> {
    const { stdout } = await this.host.must(family, ['-S', chain]);
    return stdout.trim().split('\n');
  }

  private async replace(
    policy: 'ACCEPT' | 'DROP',
    lines: (family: Family) => readonly string[],
  ): Promise<void> {
    const input = 'add table inet knockproxy_door\ndelete table inet knockproxy_door\n';
    await this.host.must('nft', ['-f', '-'], { input });
    await Promise.all(
      (['iptables', 'ip6tables'] as const).map((family) => {
        const table = ['*filter', `:INPUT ${policy} [0:0]`, ...lines(family), 'COMMIT', ''];
        return this.host.must(`${family}-restore`, ['-w'], { input: table.join('\n') });
      }),
    );
  }
}

function partition<T>(items: readonly T[], test: (item: T) => boolean): [T[], T[]] {
  return [items.filter(test), items.filter((item) => !test(item))];
}
