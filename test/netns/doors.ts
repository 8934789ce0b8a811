/** One knock as knockd and knock(1) write it. */
export type Step = `${number}:tcp` | `${number}:udp`;

export interface DoorOptions {
  /** The hidden port. Default 22. */
  port?: number;
  /** How long the open door, and each stage, lasts, s. */
  openS?: number;
  stageS?: number;
}

export interface RecentDoorOptions extends DoorOptions {
  /** The door shuts behind each new connection. */
  oneShot?: boolean;
}

export interface NftDoorOptions extends DoorOptions {
  /** Who touches a port that is neither in the sequence nor the hidden one stays shut out, as with many MikroTiks. */
  blacklist?: boolean;
  /** Of the door's chain; other firewalls' chains have 0. Default 0. */
  priority?: number;
}

/**
 * INPUT rules for the well known door of the iptables `recent` match (wiki.archlinux.org/title/Port_knocking), to stand
 * after the RELATED,ESTABLISHED rule of a chain with policy DROP. Any other new packet throws an address back to the
 * start, and a later knock sent twice does too. Default: stages and the open door last 10 s and 30 s.
 */
export function recentDoorRules(sequence: readonly Step[], options: RecentDoorOptions = {}): string[] {
  const { port = 22, openS = 30, stageS = 10, oneShot = false } = options;
  const last = sequence.length;
  const lines = [
    `-A INPUT -p tcp --dport ${port} -m recent --rcheck --seconds ${openS} --name STAGE${last} -j OPEN`,
  ];
  for (let n = last; n > 1; n--) {
    lines.push(
      `-A INPUT ${match(sequence[n - 1]!)} -m recent --rcheck --seconds ${stageS} --name STAGE${n - 1} -j GO${n}`,
    );
    lines.push(`-A INPUT -m recent --name STAGE${n} --remove`);
    lines.push(
      `-A GO${n} -m recent --name STAGE${n - 1} --remove`,
      `-A GO${n} -m recent --name STAGE${n} --set -j DROP`,
    );
  }
  lines.push(
    '-A INPUT -m recent --name STAGE1 --remove',
    `-A INPUT ${match(sequence[0]!)} -m recent --name STAGE1 --set -j DROP`,
  );
  if (oneShot) lines.push(`-A OPEN -m recent --name STAGE${last} --remove`);
  return [...chains(last), ...lines, '-A OPEN -j ACCEPT'];
}

/**
 * An nftables table for the door of the nftables wiki (Port knocking example): one set for each stage. Doubled and
 * stray knocks do no harm; the timeout is that of each stage. Default: stages 5 s, open 10 s.
 */
export function nftDoorTable(sequence: readonly Step[], options: NftDoorOptions = {}): string {
  const { port = 22, openS = 10, stageS = 5, blacklist = false, priority = 0 } = options;
  const families = ['ip', 'ip6'] as const;
  const sets = families.flatMap((family) => [
    ...sequence.map((_, n) => nftSet(family, n + 1, n + 1 === sequence.length ? openS : stageS)),
    nftSet(family, 'black', 3600),
  ]);
  const steps = families.flatMap((family) => sequence.map((step, n) => nftStep(family, step, n)).reverse());
  const opened = families.map((f) => `tcp dport ${port} ${f} saddr @${f}_${sequence.length} accept`);
  const shut = families.map((f) => `${f} saddr @${f}_black drop`);
  const strays = families.map(
    (f) => `${notOf([...sequence, `${port}:tcp`])} add @${f}_black { ${f} saddr } drop`,
  );
  const rules = [
    'iif lo accept',
    'ct state established,related accept',
    'meta l4proto { icmp, ipv6-icmp } accept',
  ];
  rules.push(...shut, ...opened, ...steps, ...(blacklist ? strays : []));
  const chain = `chain input { type filter hook input priority ${priority}; policy drop;\n${rules.join('\n')}\n}`;
  return `table inet knockproxy_door {\n${sets.join('\n')}\n${chain}\n}\n`;
}

function chains(last: number): string[] {
  const go = Array.from({ length: last - 1 }, (_, n) => `:GO${n + 2} - [0:0]`);
  return [...go, ':OPEN - [0:0]'];
}

function match(step: Step): string {
  const [port, proto] = step.split(':');
  return `-p ${proto} --dport ${port}`;
}

function nftSet(family: 'ip' | 'ip6', name: string | number, timeoutS: number): string {
  const type = family === 'ip' ? 'ipv4_addr' : 'ipv6_addr';
  return `set ${family}_${name} { type ${type}; flags dynamic,timeout; timeout ${timeoutS}s; size 65535; }`;
}

function nftStep(family: 'ip' | 'ip6', step: Step, n: number): string {
  const [port, proto] = step.split(':');
  const before = n === 0 ? '' : `${family} saddr @${family}_${n} `;
  return `${proto} dport ${port} ${before}update @${family}_${n + 1} { ${family} saddr }`;
}

/** Every TCP and UDP packet to other ports. */
function notOf(ports: readonly Step[]): string {
  const pairs = ports.map((step) => step.split(':')).map(([port, proto]) => `${proto} . ${port}`);
  return `meta l4proto { tcp, udp } meta l4proto . th dport != { ${pairs.join(', ')} }`;
}
