import type { MachineOptions } from './machine.ts';

/** A machine as people have it, with what manages its firewall. */
export interface Kind {
  readonly options: MachineOptions;
  /** Who logs in; default root. */
  readonly user?: string;
  /** Run there once it has booted for the first time. */
  readonly begin?: string;
  /** Makes its firewall load its own rules again. */
  readonly reload?: string;
}

/** Something that listens on port 80, from boot on. */
const WEB = `cat >/etc/systemd/system/web.service <<'END'
[Service]
ExecStart=/usr/bin/python3 -c "import socketserver as s; s.TCPServer.address_family = 10; s.TCPServer(('', 80), s.StreamRequestHandler).serve_forever()"
[Install]
WantedBy=multi-user.target
END
systemctl --quiet enable web.service
rm -f /etc/iptables/rules.v4
`;

const OWN_RULESET = `cat >/etc/nftables.conf <<'END'
#!/usr/sbin/nft -f
flush ruleset
table inet filter {
  chain input {
    type filter hook input priority filter; policy drop;
    iif lo accept
    ct state established,related accept
    meta l4proto { icmp, ipv6-icmp } accept
    tcp dport { 22, 80 } accept
  }
}
END
systemctl --quiet enable nftables.service
`;

/** As iptables-save shows them on a machine with a container that publishes port 8080. */
const DOCKER = `mkdir -p /etc/docker-rules && cat >/etc/docker-rules/v4 <<'END'
*nat
:PREROUTING ACCEPT [0:0]
:DOCKER - [0:0]
-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
-A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE
-A DOCKER -i docker0 -j RETURN
-A DOCKER ! -i docker0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80
COMMIT
*filter
:FORWARD DROP [0:0]
:DOCKER - [0:0]
:DOCKER-ISOLATION-STAGE-1 - [0:0]
:DOCKER-ISOLATION-STAGE-2 - [0:0]
:DOCKER-USER - [0:0]
-A FORWARD -j DOCKER-USER
-A FORWARD -j DOCKER-ISOLATION-STAGE-1
-A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A FORWARD -o docker0 -j DOCKER
-A FORWARD -i docker0 ! -o docker0 -j ACCEPT
-A DOCKER -d 172.17.0.2/32 ! -i docker0 -o docker0 -p tcp -m tcp --dport 80 -j ACCEPT
-A DOCKER-ISOLATION-STAGE-1 -i docker0 ! -o docker0 -j DOCKER-ISOLATION-STAGE-2
-A DOCKER-ISOLATION-STAGE-1 -j RETURN
-A DOCKER-ISOLATION-STAGE-2 -o docker0 -j DROP
-A DOCKER-ISOLATION-STAGE-2 -j RETURN
-A DOCKER-USER -j RETURN
COMMIT
END
cat >/etc/systemd/system/docker-rules.service <<'END'
[Unit]
After=network.target
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/sbin/iptables-restore /etc/docker-rules/v4
[Install]
WantedBy=multi-user.target
END
systemctl --quiet enable docker-rules.service
`;

/** The package's own files: Debian does not let it be installed beside ufw, so it is unpacked. */
const PERSISTENT = `cd /tmp && apt-get -q download netfilter-persistent iptables-persistent >/dev/null
for each in *-persistent_*.deb; do dpkg -x "$each" unpacked; done
# /lib is a link.
if [ -d unpacked/lib ]; then mkdir -p unpacked/usr && cp -r unpacked/lib unpacked/usr/ && rm -r unpacked/lib; fi
cp -a unpacked/. / && rm -r unpacked *-persistent_*.deb
mkdir -p /etc/iptables && cat >/etc/iptables/rules.v4 <<'END'
*filter
:INPUT DROP [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -i lo -j ACCEPT
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A INPUT -p icmp -j ACCEPT
-A INPUT -p tcp -m multiport --dports 22,80 -j ACCEPT
COMMIT
END
systemctl --quiet enable netfilter-persistent.service
`;

const FAIL2BAN = `: >/var/log/logins.log
printf '[DEFAULT]\\nbackend = polling\\n[sshd]\\nenabled = true\\nlogpath = /var/log/logins.log\\n' >/etc/fail2ban/jail.local
rm -f /etc/fail2ban/jail.d/*
systemctl --quiet enable fail2ban.service
`;

export const KINDS = {
  bare: { options: { prepare: WEB } },
  'iptables without nft': { options: { prepare: `${WEB}rm /usr/sbin/nft\n` } },
  ufw: {
    options: { prepare: WEB },
    begin: 'ufw allow 22/tcp && ufw allow 80/tcp && ufw --force enable && systemctl --quiet enable --now ufw',
    reload: 'ufw reload',
  },
  firewalld: {
    options: { prepare: `${WEB}systemctl --quiet enable firewalld.service` },
    begin: 'firewall-cmd --permanent --add-port=80/tcp && firewall-cmd --reload',
    reload: 'firewall-cmd --reload',
  },
  nftables: {
    options: { prepare: WEB + OWN_RULESET },
    reload: 'systemctl reload nftables && sleep 1 && systemctl restart nftables',
  },
  'iptables-persistent': {
    options: { prepare: WEB + PERSISTENT },
    reload: 'netfilter-persistent reload',
  },
  docker: { options: { prepare: WEB + DOCKER }, reload: 'systemctl restart docker-rules' },
  fail2ban: {
    options: { prepare: WEB + FAIL2BAN },
    begin: 'sleep 2; fail2ban-client set sshd banip 10.98.0.99',
    reload: 'fail2ban-client reload && sleep 2',
  },
  'ens3 without a default route': {
    options: { prepare: WEB, device: 'ens3', hasDefaultRoute: false },
  },
  'a user of sudo, sshd on 2222': {
    options: { prepare: WEB, sshPort: 2222, sshdLines: ['PermitRootLogin no'] },
    user: 'admin',
  },
} satisfies Record<string, Kind>;

export type KindName = keyof typeof KINDS;

/** What generate makes. */
export const DOORS = {
  knockd: '',
  'knockd, close sequence': '--close-sequence',
  'knockd, one-time': '--one-time 60',
  nftables: '--server nftables',
  'nftables, close sequence': '--server nftables --close-sequence',
  spa: '--spa',
} as const;

export type DoorName = keyof typeof DOORS;
