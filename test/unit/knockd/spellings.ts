/** A door's commands as people write them, and the port that ssh is to try; `ask`: the command does not say. */
export interface Spelling {
  readonly open: string;
  /** undefined: nothing closes it but a name. */
  readonly close?: string;
  readonly port: number | 'ask';
}

const ADD = '/sbin/iptables -A INPUT -s %IP% -p tcp --dport 2222 -j ACCEPT';
const DELETE = ADD.replace('-A', '-D');

const row = (port: Spelling['port'], open: string, close?: string): Spelling => ({
  open,
  port,
  ...(close !== undefined && { close }),
});

export const SPELLINGS: Readonly<Record<string, readonly Spelling[]>> = {
  iptables: [
    row(2222, ADD, DELETE),
    row(
      2222,
      '/sbin/iptables -A INPUT -s %IP% --dport 2222 -j ACCEPT',
      '/sbin/iptables -D INPUT -s %IP% --dport 2222 -j ACCEPT',
    ),
    row(22, ADD.replace('2222', 'ssh'), DELETE.replace('2222', '22')),
    row(
      2222,
      'iptables -w 5 -I INPUT 3 -p tcp -m tcp --dport 2222 -s %IP%/32 -j ACCEPT',
      `sudo -n ${DELETE}`,
    ),
    row(
      2222,
      'iptables --insert INPUT --source %IP% --protocol tcp --destination-port 2222 --jump ACCEPT',
      DELETE,
    ),
    row(2222, 'iptables --append INPUT --source=%IP% --proto=tcp --dport=2222 --jump=ACCEPT', DELETE),
    row(2222, 'iptables -AINPUT -s%IP% -ptcp --dport 2222 -jACCEPT', DELETE),
    row(2222, 'iptables --app INPUT --src %IP% --proto TCP --destination-port 2222 -j ACCEPT', DELETE),
    row(2222, `/usr/sbin/iptables-nft ${ADD.slice(15)}`, `iptables-legacy ${DELETE.slice(15)}`),
    row(
      2222,
      'iptables -I INPUT ! -s 10.0.0.1 -p tcp --dport 2222 -j ACCEPT',
      'iptables -D INPUT -p tcp ! -s 10.0.0.1 --dport 2222 -j ACCEPT',
    ),
    row(2222, `${ADD.replace('-A', '-C')} || ${ADD}`, DELETE),
    row(2222, `${ADD.replace('-A', '-C')} 2>/dev/null || ${ADD}`, `while ${DELETE} 2>/dev/null; do :; done`),
    row(2222, `if ! ${ADD.replace('-A', '-C')}; then ${ADD}; fi`, DELETE),
    row(2222, `${DELETE}; ${ADD.replace('-A', '-I')}`, DELETE),
    row(2222, `/sbin/iptables -F KNOCK; ${ADD}`, DELETE),
    row(2222, `/bin/sh -c "${ADD}"`, `/bin/sh -c "${DELETE}"`),
    row(2222, `bash -lc '${ADD} && logger "opened port 99 for %IP%"'`, `su -c '${DELETE}' root`),
    row(2222, `${ADD}; sleep 15; ${DELETE}`),
    row(2222, `${ADD} && (sleep 15; ${DELETE}) &`),
    row(2222, `${ADD}; echo "${DELETE}" | at now + 5 minutes`),
    row(2222, `ip netns exec fw ${ADD}`, `nice -n 5 flock /run/xt ${DELETE}`),
    row(2222, `${ADD} # ssh, not 22`, DELETE),
    row(2222, `iptables -I INPUT -s %IP% -p udp --dport 5000 -j ACCEPT; ${ADD}`, DELETE),
    row(2222, `${ADD}; iptables -I INPUT -s %IP% -p udp --dport 60000:61000 -j ACCEPT`, DELETE),
    row(
      2222,
      'iptables -A INPUT -s %IP% -p tcp -m comment --comment "--dport 22 for ssh" --dport 2222 -j ACCEPT',
    ),
    row(2222, `iptables -A INPUT -s %IP% -j LOG --log-prefix "--dport 99 "; ${ADD}`, DELETE),
    row(2222, 'iptables -A INPUT -s %IP% -p tcp -m multiport --dports 2222 -j ACCEPT', DELETE),
    row(22, 'iptables -A INPUT -s %IP% -p tcp -m multiport --dports 22,443 -j ACCEPT'),
    row(22, 'iptables -A INPUT -s %IP% -p tcp --dport 20:25 -j ACCEPT'),
    row('ask', 'iptables -A INPUT -s %IP% -p tcp -m multiport --dports 443,2222 -j ACCEPT'),
    row('ask', 'iptables -A INPUT -s %IP% -p tcp --dport 1024:65535 -j ACCEPT'),
    row('ask', 'iptables -A INPUT -s %IP% -j ACCEPT', 'iptables -D INPUT -s %IP% -j ACCEPT'),
    row('ask', 'iptables -A INPUT -s %IP% -p tcp --syn -j ACCEPT'),
    row('ask', 'iptables -A INPUT -s %IP% -p udp --dport 1194 -j ACCEPT'),
    row('ask', 'P=2222; iptables -A INPUT -s %IP% -p tcp --dport $P -j ACCEPT'),
    row('ask', 'iptables -A INPUT -s %IP% -p tcp ! --dport 80 -j ACCEPT'),
    row(2222, 'iptables -t nat -A PREROUTING -s %IP% -p tcp --dport 2222 -j REDIRECT --to-ports 22'),
    row(
      2222,
      'iptables -t nat -A PREROUTING -s %IP% -p tcp --dport 2222 -j DNAT --to 10.0.0.5:22; ' +
        'iptables -A FORWARD -s %IP% -d 10.0.0.5 -p tcp --dport 22 -j ACCEPT',
    ),
    row('ask', 'iptables -I FORWARD -s %IP% -d 10.0.0.5 -p tcp --dport 22 -j ACCEPT'),
    row(
      2222,
      'iptables -D INPUT -s %IP% -p tcp --dport 2222 -j DROP',
      'iptables -A INPUT -s %IP% -p tcp --dport 2222 -j DROP',
    ),
    row(
      2222,
      `printf '*filter\\n-A INPUT -s %IP% -p tcp --dport 2222 -j ACCEPT\\nCOMMIT\\n' | iptables-restore -n`,
      DELETE,
    ),
    row('ask', 'iptables-restore </etc/iptables/open'),
    row('ask', 'echo +%IP% >/proc/net/xt_recent/SSH', 'echo -%IP% >/proc/net/xt_recent/SSH'),
  ],
  nft: [
    row(
      2222,
      '/usr/sbin/nft add rule inet filter input ip saddr %IP% tcp dport 2222 accept',
      "/usr/sbin/nft delete rule inet filter input handle $(nft -a list chain inet filter input | grep %IP% | awk '{print $NF}')",
    ),
    row(2222, 'nft insert rule ip filter INPUT position 4 ip saddr %IP% tcp dport 2222 counter accept'),
    row(2222, "nft 'add rule inet filter input ip saddr %IP% tcp dport 2222 ct state new accept'"),
    row(22, 'nft add rule filter input ip saddr %IP% tcp dport ssh accept'),
    row(22, 'nft add rule inet filter input ip saddr %IP% tcp dport { 22, 443 } accept'),
    row(
      2222,
      'nft add rule inet filter input ip saddr %IP% tcp dport { 2222 } accept comment \\"port 22, drop\\"',
    ),
    row(2222, 'nft add rule inet filter input ip saddr . tcp dport { %IP% . 2222 } accept'),
    row(2222, 'nft add rule inet filter input meta l4proto tcp th dport 2222 ip saddr %IP% accept'),
    row(2222, "echo 'add rule inet filter input ip saddr %IP% tcp dport 2222 accept' | nft -f -"),
    row(2222, 'nft add rule ip nat prerouting ip saddr %IP% tcp dport 2222 redirect to :22'),
    row('ask', 'nft add rule inet filter input ip saddr %IP% accept'),
    row('ask', 'nft add rule inet filter input ip saddr %IP% tcp dport @ports accept'),
    row('ask', 'nft add rule inet filter forward ip saddr %IP% tcp dport 22 accept'),
    row('ask', 'nft -f /etc/nftables.d/open.nft'),
    row(
      2222,
      "nft add element inet f ssh '{ %IP% . 2222 timeout 10s }'",
      'nft delete element inet f ssh { %IP% . 2222 }',
    ),
    row(
      2222,
      'nft add element inet f doors { %IP% . tcp . 2222 }',
      'nft destroy element inet f doors { %IP% . tcp . 2222 }',
    ),
    row(2222, 'nft "add element inet f m { %IP% . 2222 : accept }"'),
    row(
      'ask',
      `nft add element inet f knocked '{ %IP% timeout 1h comment "ssh 22" }'`,
      'nft delete element inet f knocked { %IP% }',
    ),
  ],
  ufw: [
    row(2222, 'ufw allow from %IP% to any port 2222', 'ufw delete allow from %IP% to any port 2222'),
    row(
      2222,
      'ufw insert 1 allow proto tcp from %IP% to any port 2222',
      'ufw --force delete allow from %IP% to any port 2222 proto tcp',
    ),
    row(2222, 'ufw prepend limit in on eth0 from %IP% port 22 to any port 2222 comment "ssh port 22"'),
    row(2222, 'ufw allow 2222/tcp', 'ufw delete allow 2222/tcp'),
    row(2222, 'ufw rule allow log 2222/tcp comment knocked', 'ufw rule delete allow 2222/tcp'),
    row(22, 'ufw allow OpenSSH', 'ufw delete allow OpenSSH'),
    row(22, 'ufw allow from %IP% to any app OpenSSH'),
    row(22, 'ufw allow ssh'),
    row(22, 'ufw allow proto tcp from %IP% to any port 22,80,8080:8090'),
    row('ask', 'ufw allow from %IP%', 'ufw delete allow from %IP%'),
    row('ask', 'ufw route allow in on eth0 out on eth1 from %IP% to 10.0.0.5 port 22 proto tcp'),
    row('ask', 'ufw allow from %IP% to any app "My Server"'),
    row('ask', 'ufw allow 5000/udp'),
    row(2222, 'ufw delete deny 2222', 'ufw deny 2222'),
  ],
  firewalld: [
    row(
      2222,
      `firewall-cmd --zone=public --add-rich-rule='rule family="ipv4" source address="%IP%" port port="2222" protocol="tcp" accept'`,
      `firewall-cmd --zone=public --remove-rich-rule='rule family="ipv4" source address="%IP%" port port="2222" protocol="tcp" accept'`,
    ),
    row(
      2222,
      'firewall-cmd --add-rich-rule "rule family=ipv4 source address=%IP% port port=2222 protocol=tcp accept"',
    ),
    row(
      2222,
      'firewall-cmd --add-rich-rule="rule family=\\"ipv4\\" source address=\\"%IP%\\" port port=\\"2222\\" protocol=\\"tcp\\" log prefix=\\"port port=22 \\" accept" --timeout=60',
    ),
    row(
      22,
      `firewall-cmd --add-rich-rule='rule family="ipv4" source address="%IP%" service name="ssh" accept'`,
    ),
    row(
      2222,
      `firewall-cmd --add-rich-rule='rule family=ipv4 source address=%IP% forward-port port=2222 protocol=tcp to-port=22'`,
    ),
    row('ask', `firewall-cmd --add-rich-rule='rule family="ipv4" source address="%IP%" accept'`),
    row(
      'ask',
      `firewall-cmd --add-rich-rule='rule family="ipv4" source address="%IP%" source-port port="22" protocol="tcp" accept'`,
    ),
    row(
      2222,
      '/bin/firewall-cmd --zone=public --add-port=2222/tcp',
      '/bin/firewall-cmd --zone=public --remove-port=2222/tcp',
    ),
    row(2222, 'firewall-cmd --permanent --add-port 2222/tcp && firewall-cmd --reload'),
    row(2222, 'firewall-cmd --add-port=2222/tcp --add-port=5000/udp'),
    row(
      22,
      '/bin/firewall-cmd --zone=public --add-service=ssh',
      '/bin/firewall-cmd --zone=public --remove-service=ssh',
    ),
    row(2222, 'firewall-cmd --add-forward-port=port=2222:proto=tcp:toport=22:toaddr=10.0.0.5'),
    row(
      2222,
      'firewall-cmd --direct --add-rule ipv4 filter INPUT 0 -s %IP% -p tcp --dport 2222 -j ACCEPT',
      'firewall-cmd --direct --remove-rule ipv4 filter INPUT 0 -s %IP% -p tcp --dport 2222 -j ACCEPT',
    ),
    row(2222, 'firewall-cmd --direct --passthrough ipv4 -I INPUT -s %IP% -p tcp --dport 2222 -j ACCEPT'),
    row(
      'ask',
      'firewall-cmd --zone=trusted --add-source=%IP%',
      'firewall-cmd --zone=trusted --remove-source=%IP%',
    ),
    row(
      'ask',
      'firewall-cmd --ipset=knocked --add-entry=%IP%',
      'firewall-cmd --ipset=knocked --remove-entry=%IP%',
    ),
    row('ask', 'firewall-cmd --add-service=my-sshd'),
  ],
  ipset: [
    row(2222, 'ipset -exist add knocked %IP%,tcp:2222 timeout 30', 'ipset del knocked %IP%,tcp:2222'),
    row(2222, 'ipset add knocked %IP%,2222', 'ipset -q -D knocked %IP%,2222'),
    row(2222, 'ipset -A knocked %IP%,tcp:2222,10.0.0.1 -exist'),
    row(2222, 'echo "add knocked %IP%,tcp:2222" | ipset restore'),
    row('ask', 'ipset add knocked %IP% timeout 300 comment "port 22"', 'ipset del knocked %IP%'),
    row('ask', 'ipset --add knocked %IP%,udp:60001'),
  ],
  pf: [
    row('ask', 'pfctl -t knocked -T add %IP%', 'pfctl -t knocked -T delete %IP% && pfctl -k %IP%'),
    row('ask', '/sbin/pfctl -qtknocked -Tadd %IP%'),
    row(
      2222,
      "echo 'pass in quick proto tcp from %IP% to any port 2222' | pfctl -a knockd/%IP% -f -",
      'pfctl -a knockd/%IP% -F rules',
    ),
    row(
      2222,
      'echo "pass in on em0 proto { tcp udp } from %IP% port 1024:65535 to (em0) port = 2222 keep state label \\"port 22\\"" | pfctl -a knockd -f -',
    ),
    row(22, "printf 'pass in proto tcp from %IP% to any port { ssh, 443 }\\n' | pfctl -a k -f-"),
    row(
      2222,
      'echo "pass in proto tcp from %IP% to any port 2222 rdr-to 10.0.0.5 port 22" | pfctl -a k -f -',
    ),
    row('ask', "echo 'pass in from %IP% to any' | pfctl -a knockd -f -"),
    row('ask', 'pfctl -f /etc/pf.open.conf'),
  ],
};
