import type { AddressFinding, Findings } from './findings.ts';

/** A sequence that takes longer than this may not fit into the server's seq_timeout, in milliseconds. */
const LONG_SEQUENCE_MS = 1000;

/**
 * Possible causes of a door that stays silent after the knocks, each with how to verify it: first those that this check
 * has found signs of, then by what verifying costs, from a look at a file to a look at the server's network.
 */
export function silentCauses(findings: Findings, finding: AddressFinding): string[] {
  return findings.kind === 'spa' ? spaCauses(findings, finding) : knockCauses(findings, finding);
}

function knockCauses({ knockHost, delayMs, port }: Findings, finding: AddressFinding): string[] {
  const { localAddress, family, knocked } = finding;
  const sequenceMs = knocked?.sequenceMs ?? 0;
  const window =
    `window too small: the knocks took ${(sequenceMs / 1000).toFixed(1)} s, and the server requires them within its` +
    ` seq_timeout${delayMs === undefined ? '' : `; KnockDelay ${delayMs} is configured`}`;
  const isLong = delayMs !== undefined && sequenceMs >= LONG_SEQUENCE_MS;
  return [
    ...(family === 6 ? ['IPv4 only: knockd needs start_command_6 (ip6tables) for IPv6; try check -4'] : []),
    ...(isLong ? [window] : []),
    'wrong sequence or order: a missing or wrong step, tcp instead of udp, or an outdated sequence; compare with knockd.conf',
    'egress filter: a firewall of this machine (OUTPUT), of this network or on the way drops the knock ports;' +
      ' try another network',
    "knock daemon not running, or the firewall's set of allowed addresses flushed: on the server, 'systemctl status knockd'",
    `another source address: packets leave from ${localAddress ?? 'an unknown address'}, and NAT, a VPN or` +
      ` a second uplink may change it between knock and connection${knockHost === undefined ? '' : '; KnockHost is another machine'}`,
    ...(isLong ? [] : [window]),
    'host down: the address is wrong, or the machine is off',
    "wrong interface: knockd listens on one only (-i, or Interface in knockd.conf); see 'ip route' on the server",
    `another port: the server opens a port other than ${port}, or forwards it to a machine that is down`,
  ];
}

function spaCauses({ port }: Findings, { localAddress }: AddressFinding): string[] {
  return [
    "clock: differs from the server's by more than 120 s; compare the UTC time above",
    'wrong key, or HMAC mismatch: the keys of both ends differ, or one of them lacks the HMAC key',
    `allowed address: fwknopd lets in an address other than the source of the connection (here ${localAddress ?? 'unknown'})`,
    'egress filter: UDP to the port of fwknopd is dropped by this machine, this network or on the way; try another network',
    "fwknopd not running, or on the wrong interface (PCAP_INTF): on the server, 'systemctl status fwknop-server'",
    `port ${port} is not in OPEN_PORTS of access.conf, or user and source are not allowed there`,
    'host down: the address is wrong, or the machine is off',
  ];
}

/** Reports rules, daemon and ports on a server that `generate` set up. */
export const ON_SERVER =
  "on a server that 'knockproxy generate' set up, 'knockproxy-door status' shows what is wrong";

/** Where to look on the server. */
export function lookOnServer({ kind }: Findings): string {
  const log =
    kind === 'spa'
      ? "fwknopd's log on the server shows the cause: journalctl -u fwknop-server"
      : "knockd's log on the server shows which knocks arrive: journalctl -u knockd, or 'knockd -D -v'";
  return `${log}; ${ON_SERVER}`;
}
