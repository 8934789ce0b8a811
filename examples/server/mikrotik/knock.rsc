# An example: its sequence is published. Put your own in the four knock lines (`knockproxy generate --format knockd`).
# A door on a MikroTik router (RouterOS 6 or 7) for its own SSH port. Not run by a test: it needs RouterOS.
#
# /import file=knock.rsc in Safe Mode (Ctrl-X in a terminal: a lost session undoes it), then move these rules above what
# accepts or drops in the chain `input`. The rest of your firewall has to drop what comes to that chain from WAN, as the
# default one does: knocks get no answer either. /ip is IPv4 only: drop 22/tcp in /ipv6 firewall filter.
#
# The last step stands first, so that one packet never counts twice: add-src-to-address-list lets the packet go on to
# the next rule. Nothing forgets a step before its 10 s: do not use an ascending sequence, which a port scan hits.
#
# A step icmp:300 of the client is, in place of protocol and dst-port: protocol=icmp icmp-options=8:0 packet-size=328;
# a step 18101:udp:size=64 has packet-size=92 besides. packet-size counts 28 bytes of headers.
/ip firewall filter
add chain=input action=accept connection-state=established,related,untracked comment="knock: known connections"
add chain=input action=accept connection-state=new protocol=tcp dst-port=22 src-address-list=knock-open comment="knock: open"
add chain=input action=add-src-to-address-list connection-state=new protocol=tcp dst-port=52948 src-address-list=knock-3 address-list=knock-open address-list-timeout=10s comment="knock: 4"
add chain=input action=add-src-to-address-list connection-state=new protocol=udp dst-port=18101 src-address-list=knock-2 address-list=knock-3 address-list-timeout=10s comment="knock: 3"
add chain=input action=add-src-to-address-list connection-state=new protocol=tcp dst-port=17895 src-address-list=knock-1 address-list=knock-2 address-list-timeout=10s comment="knock: 2"
add chain=input action=add-src-to-address-list connection-state=new protocol=tcp dst-port=41373 address-list=knock-1 address-list-timeout=10s comment="knock: 1"
add chain=input action=drop connection-state=new protocol=tcp dst-port=22 comment="knock: shut"
# For a server behind the router instead, without the two rules of port 22 above: its address in place of 192.0.2.10.
# The client then knows the router's address as HostName and needs nothing else.
#/ip firewall nat
#add chain=dstnat action=dst-nat protocol=tcp dst-port=22 src-address-list=knock-open to-addresses=192.0.2.10 comment="knock: open"
