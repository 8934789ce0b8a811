import type { FirewallKind } from './firewall-commands.ts';
import { FIREWALL_FILES, UNDO_S } from './firewall-instructions.ts';

/** The server's files, next to the script. */
export interface Installation {
  readonly daemon: 'knockd' | 'fwknopd' | undefined;
  readonly firewall: FirewallKind;
  /** Files of the daemon: name next to the script, and path on the server. */
  readonly configs: readonly { readonly name: string; readonly path: string }[];
  /** One-time sequences: moved, not copied, so that a second run does not restore used ones. */
  readonly oneTime?: { readonly name: string; readonly path: string };
}

/**
 * A shell script that sets up the server without a lockout: it loads the firewall, and restores the old one after UNDO_S
 * seconds, unless `keep` cancels that. Established connections stay open.
 */
export function installScript(installation: Installation): string {
  const { daemon, firewall, configs, oneTime } = installation;
  return [
    ...HEAD,
    ...keep(installation),
    ...requirements(installation),
    ...(daemon === undefined ? [] : ['', ...INTERFACE]),
    ...configs.map(({ name, path }) => `put ${name} ${path}`),
    ...(oneTime === undefined ? [] : moveOnce(oneTime.name, oneTime.path)),
    ...(firewall === 'iptables' ? loadIptables() : loadNftables()),
    ...(daemon === undefined ? [] : startDaemon(daemon)),
    'cat <<END',
    'The door is in place. Log in from a second terminal before you leave this one.',
    `If that works: sh "$0" keep. If not, the old firewall is restored in ${UNDO_S / 60} minutes.`,
    'END',
    '',
  ].join('\n');
}

const HEAD = [
  '#!/bin/sh',
  "# The server's side of a door, by knockproxy. Run it as root, and stay logged in until the last step:",
  '#',
  `#   sh install.sh        installs it; the old firewall is restored in ${UNDO_S / 60} minutes`,
  '#   sh install.sh keep   keeps it, once a login from a second terminal works',
  'set -eu',
  'umask 077',
  'PATH=$PATH:/usr/sbin:/sbin',
  'cd "$(dirname "$0")"',
  'if [ -d server ]; then echo "there is a newer copy in $PWD/server: run that one" >&2; exit 1; fi',
];

/** Deletes the files with the secret, which the daemon has in its own folder. */
function keep({ firewall, configs }: Installation): string[] {
  const { 4: v4, 6: v6, nft } = FIREWALL_FILES;
  const boot =
    firewall === 'iptables'
      ? 'netfilter-persistent save (Debian: iptables-persistent)'
      : `include \\"/etc/${nft}\\" in /etc/nftables.conf`;
  const names = [
    ...configs.map(({ name }) => name),
    ...(firewall === 'iptables' ? [v4, v6] : []),
    'install.sh',
  ];
  return [
    '',
    'if [ $# -gt 0 ] && [ "$1" = keep ]; then',
    `  rm -rf undo.* ${names.join(' ')}`,
    ...(firewall === 'iptables' ? [] : [`  mv ${nft} /etc/${nft}`]),
    '  rmdir "$PWD" 2>/dev/null || :',
    `  echo "Kept. To keep the door closed after a reboot: ${boot}"`,
    '  exit',
    'fi',
  ];
}

const PACKAGES = { knockd: 'knockd', fwknopd: 'fwknop-server', iptables: 'iptables', nftables: 'nftables' };

function requirements({ daemon, firewall }: Installation): string[] {
  const programs = [
    ...(daemon === undefined ? [] : [daemon]),
    ...(firewall === 'iptables' ? ['iptables-restore', 'ip6tables-restore'] : ['nft']),
  ];
  const packages = [...(daemon === undefined ? [] : [PACKAGES[daemon]]), PACKAGES[firewall]];
  return [
    `for program in ${programs.join(' ')}; do`,
    '  command -v "$program" >/dev/null && continue',
    `  echo "$program is missing; on Debian: apt-get install ${packages.join(' ')}" >&2`,
    '  exit 1',
    'done',
  ];
}

/** Without `--interface`: the interface of the default route. */
const INTERFACE = [
  'device=$( { ip route show default; ip -6 route show default; } |',
  "  sed -n 's/.* dev \\([^ ]*\\).*/\\1/p' | head -n 1)",
  '[ -n "$device" ] || device=eth0',
  'put() {',
  '  mkdir -p "$(dirname "$2")"',
  '  [ ! -e "$2" ] || [ -e "$2.before-knockproxy" ] || cp -p "$2" "$2.before-knockproxy"',
  '  sed "s/# \\(Interface = \\|PCAP_INTF \\)eth0/\\1$device/" "$1" >"$2.new"',
  '  mv "$2.new" "$2"',
  '}',
];

function moveOnce(name: string, path: string): string[] {
  return [`mkdir -p "$(dirname ${path})"`, `[ ! -e ${name} ] || mv ${name} ${path}`];
}

function loadIptables(): string[] {
  return [
    ...armUndo(
      ['iptables-save -t filter >"$undo/v4"', 'ip6tables-save -t filter >"$undo/v6"'],
      'iptables-restore <v4; ip6tables-restore <v6',
    ),
    `iptables-restore --noflush <${FIREWALL_FILES[4]}`,
    `ip6tables-restore --noflush <${FIREWALL_FILES[6]}`,
  ];
}

function loadNftables(): string[] {
  const save = [
    '{',
    "  printf '%s\\n' 'add table inet knockproxy' 'delete table inet knockproxy'",
    '  nft list table inet knockproxy 2>/dev/null || :',
    '} >"$undo/nft"',
  ];
  return [...armUndo(save, 'nft -f nft'), `nft -f ${FIREWALL_FILES.nft}`];
}

/** The timer has its own session, so that it survives a login that the firewall cuts off. */
function armUndo(save: readonly string[], restore: string): string[] {
  return [
    '',
    'undo=$PWD/undo.$$',
    'mkdir "$undo"',
    ...save,
    `setsid sh -c 'sleep "$2"; cd "$1" && { ${restore}; rm -r "$1"; }' sh "$undo" "\${UNDO_S:-${UNDO_S}}" \\`,
    '  </dev/null >/dev/null 2>&1 &',
  ];
}

/** Without systemd, stops a running daemon first; knockd handles SIGTERM only at its next packet. */
function startDaemon(daemon: 'knockd' | 'fwknopd'): string[] {
  const unit = daemon === 'knockd' ? 'knockd' : 'fwknop-server';
  const restart =
    daemon === 'knockd'
      ? ['[ ! -e /run/knockd.pid ] || kill -9 "$(cat /run/knockd.pid)" 2>/dev/null || :', 'knockd -d']
      : ['fwknopd -K >/dev/null 2>&1 || :', 'fwknopd'];
  return [
    '',
    'if [ -d /run/systemd/system ]; then',
    `  systemctl enable ${unit}`,
    `  systemctl restart ${unit}`,
    'else',
    ...restart.map((line) => `  ${line}`),
    'fi',
  ];
}
