import type { Step } from './doors.ts';

/** The sequence of the article that asked for this tool. */
export const ARTICLE_SEQUENCE: readonly Step[] = [
  '41373:tcp',
  '17895:tcp',
  '41647:tcp',
  '18101:udp',
  '52948:tcp',
  '56049:tcp',
  '36593:udp',
  '42343:tcp',
  '28832:udp',
  '36191:udp',
];

/** The open sequence of Debian's stock knockd.conf. */
export const DEBIAN_SEQUENCE: readonly Step[] = ['7000:tcp', '8000:tcp', '9000:tcp'];

export interface KnockdDoor {
  name?: string;
  sequence?: readonly Step[];
  /** Instead of a sequence: the path of knockd's one_time_sequences file. */
  oneTimeFile?: string;
  /** Default 10 s. */
  seqTimeoutS?: number;
  /** The door shuts by itself after so many seconds; 0: it stays open. Default 10. */
  cmdTimeoutS?: number;
  /** Default 22. */
  port?: number;
}

/** A knockd.conf with doors like the article's, each for IPv4 and IPv6. Without arguments: the article's own. */
export function knockdConf(...doors: KnockdDoor[]): string {
  return ['[options]', '', ...(doors.length === 0 ? [{}] : doors).map(doorSection)].join('\n');
}

/** Debian's stock pair: 7000,8000,9000 opens, 9000,8000,7000 closes; nothing closes by itself. */
export const DEBIAN_KNOCKD_CONF = `[options]

[openSSH]
  sequence        = 7000,8000,9000
  seq_timeout     = 5
  start_command   = ${rule('/sbin/iptables', '-A INPUT')}
  start_command_6 = ${rule('/sbin/ip6tables', '-A INPUT')}
  tcpflags        = syn

[closeSSH]
  sequence        = 9000,8000,7000
  seq_timeout     = 5
  start_command   = ${rule('/sbin/iptables', '-D INPUT')}
  start_command_6 = ${rule('/sbin/ip6tables', '-D INPUT')}
  tcpflags        = syn
`;

function doorSection(door: KnockdDoor): string {
  const {
    name = 'openSSH',
    sequence = ARTICLE_SEQUENCE,
    seqTimeoutS = 10,
    cmdTimeoutS = 10,
    port = 22,
  } = door;
  const knocks =
    door.oneTimeFile === undefined
      ? `sequence        = ${sequence.join(',')}`
      : `one_time_sequences = ${door.oneTimeFile}`;
  const stop = `  cmd_timeout     = ${cmdTimeoutS}
  stop_command    = ${rule('/sbin/iptables', '-D INPUT', port)}
  stop_command_6  = ${rule('/sbin/ip6tables', '-D INPUT', port)}
`;
  return `[${name}]
  ${knocks}
  seq_timeout     = ${seqTimeoutS}
  tcpflags        = syn
  start_command   = ${rule('/sbin/iptables', '-I INPUT 1', port)}
  start_command_6 = ${rule('/sbin/ip6tables', '-I INPUT 1', port)}
${cmdTimeoutS > 0 ? stop : ''}`;
}

function rule(program: string, action: string, port = 22): string {
  return `${program} ${action} -s %IP% -p tcp --dport ${port} -j ACCEPT`;
}
