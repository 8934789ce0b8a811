#!/bin/sh
# The server's side of a hidden port, by knockproxy. Run it as root, or as a user who may use sudo:
#
#   sh install.sh               hides the port on trial: after 3 minutes the kernel shows it again by itself
#   sh install.sh keep          keeps it, also after a reboot, once a login has come through the door
#   sh install.sh status        what is hidden, who may open it, who is let in, what a reboot leaves
#   sh install.sh remove        takes everything back; remove CLIENT: only that client's secret
#
# Afterwards it is installed as knockproxy-door. Where the port is hidden already, `install` adds a client, or to a
# client a second secret; `keep`, after a login with the new one, takes the old one away.
#
# On disk: /etc/knockproxy/kept is a symbolic link to a folder with everything that is in force, and switching it is
# what commits a change. A trial is in /run/knockproxy/trial, so a reboot forgets it. reconcile() brings the rules
# and the daemons to what these two say; a guard repeats it every 5 seconds, and at boot.
set -eu
umask 077
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
export LC_ALL=C

ETC=/etc/knockproxy
RUN=/run/knockproxy
LIB=/var/lib/knockproxy
LOCK=/run/knockproxy.lock
PROGRAM=/usr/local/sbin/knockproxy-door
UNITS=/etc/systemd/system
TRIAL_UNIT=/run/systemd/system/knockproxy-door.service
TABLE='inet knockproxy_door'
CHAIN=KNOCKPROXY
# Packets that a client of sshd sends before sshd may refuse it: version, key exchange, keys, service, a request.
PACKETS_OF_A_LOGIN=8

main() {
  SELF=$(cd "$(dirname "$0")" && pwd)/$(basename "$0")
  HERE=$(dirname "$SELF")
  UNDO_S=180 DEVICE='' PORT_ASKED='' UNPROVEN='' BRIEF=''
  command=install client=''
  while [ $# -gt 0 ]; do
    case $1 in
      --undo) UNDO_S=$2; shift ;;
      --interface) DEVICE=$2; shift ;;
      --port) PORT_ASKED=$2; shift ;;
      --brief) BRIEF=yes ;;
      install | keep | status | remove | guard | boot | let-in) command=$1; shift; break ;;
      *) usage ;;
    esac
    shift
  done
  case $command in
    guard | boot | let-in) ;;
    *) become_root "$@" ;;
  esac
  case $command:$# in
    keep:1) [ "$1" = --unproven ] || usage; UNPROVEN=yes ;;
    remove:1) client=$1 ;;
    let-in:2) ;;
    *:0) ;;
    *) usage ;;
  esac
  case $command in
    install) install ;;
    keep) keep ;;
    status) status ;;
    remove) remove "$client" ;;
    guard) guard ;;
    boot) lock; reconcile_rules ;;
    let-in) let_in "$1" "$2" ;;
  esac
}

usage() {
  echo "usage: $0 [--port PORT] [--interface NAME] [--undo SECONDS] [--brief] [install | keep | status | remove [CLIENT]]" >&2
  exit 2
}

# Says why nothing was done.
refuse() {
  for line; do [ -z "$line" ] || echo "$line" >&2; done
  exit 1
}

become_root() {
  [ "$(id -u)" != 0 ] || return 0
  if ! command -v sudo >/dev/null; then
    refuse 'This needs root, and there is no sudo. Nothing was changed.' "Run it as root:  su -c 'sh $SELF'"
  fi
  echo 'This needs root: continuing with sudo.'
  set -- "$command" "$@"
  [ -z "$DEVICE" ] || set -- --interface "$DEVICE" "$@"
  [ -z "$PORT_ASKED" ] || set -- --port "$PORT_ASKED" "$@"
  [ -z "$BRIEF" ] || set -- --brief "$@"
  exec sudo sh "$SELF" --undo "$UNDO_S" "$@"
}

has() { command -v "$1" >/dev/null 2>&1; }

systemd_runs() { [ -d /run/systemd/system ]; }

# One command at a time. A process that outlives this one must not inherit the lock: 9>&-
lock() {
  exec 9>"$LOCK"
  ! has flock || flock 9
}

unlock() { exec 9>&-; }

# A value of a file of KEY=VALUE lines.
value() { sed -n "s/^$2=//p" "$1" | head -n 1; }

# ------------------------------------------------------------------------------------------------ trees
# A tree is a folder: clients/NAME_PORT/NUMBER/{door.conf and the secret}, one folder for each secret of a client, the
# highest number the newest; `pending` in it: no login has proved it yet. `device`, `tool` (nft or iptables),
# `generation`. A trial's has also: `until` (seconds of uptime), `ports` that it hides anew, `source`.

kept_tree() { [ ! -d "$ETC/kept/clients" ] || echo "$ETC/kept"; }

trial_tree() { [ ! -d "$RUN/trial/clients" ] || echo "$RUN/trial"; }

current_tree() {
  if [ -d "$RUN/trial/clients" ]; then echo "$RUN/trial"; else kept_tree; fi
}

uptime_s() { cut -d. -f1 /proc/uptime; }

# The secrets of a tree, as paths from it: clients/NAME_PORT/NUMBER.
secrets() { (cd "$1" && for each in clients/*/*/door.conf; do [ ! -e "$each" ] || dirname "$each"; done); }

ports() {
  for each in $(secrets "$1"); do value "$1/$each/door.conf" PORT; done | sort -un
}

hides() { [ -n "$1" ] && ports "$1" | grep -qx "$2"; }

closes_all() { [ -n "$1" ] && cat "$1"/clients/*/*/door.conf 2>/dev/null | grep -qx 'CLOSE_ALL=yes'; }

kinds() {
  for each in $(secrets "$1"); do value "$1/$each/door.conf" KIND; done | sort -u
}

# The secrets that no login has proved. $2: of this port only
pending() {
  for each in $(secrets "$1"); do
    [ -e "$1/$each/pending" ] || continue
    [ $# = 1 ] || [ "$(value "$1/$each/door.conf" PORT)" = "$2" ] || continue
    echo "$each"
  done
}

# What a secret is called where a name is wanted: NAME_PORT_NUMBER.
id_of() { echo "$1" | sed 's|clients/||; s|/|_|'; }

# ------------------------------------------------------------------------------------------------ rules

# Where a secret puts whom it lets in: a set of its own until a login has proved it, that of the port then.
# $1: tree, $2: secret, $3: port
set_of() {
  if [ -e "$1/$2/pending" ]; then echo "new_$(id_of "$2")"; else echo "open_$3"; fi
}

# A file of a secret with everything filled in that only this machine knows. $1: tree, $2: secret, $3: file
fill() {
  port=$(value "$1/$2/door.conf" PORT)
  seconds=$(value "$1/$2/door.conf" OPEN_S)
  set_name=$(set_of "$1" "$2" "$port")
  name=$(id_of "$2")
  if [ "$(cat "$1/tool")" = nft ]; then
    open4=$(open_by_nft 4) open6=$(open_by_nft 6)
    close4=$(close_by_nft 4) close6=$(close_by_nft 6)
  else
    open4="echo +%IP% >/proc/net/xt_recent/kp_${set_name}_4" open6="echo +%IP% >/proc/net/xt_recent/kp_${set_name}_6"
    close4="echo -%IP% >/proc/net/xt_recent/kp_${set_name}_4" close6="echo -%IP% >/proc/net/xt_recent/kp_${set_name}_6"
  fi
  sed -e "s|@ID@|$name|g" -e "s|@PORT@|$port|g" -e "s|@SET@|$set_name|g" -e "s|@SECONDS@|$seconds|g" \
    -e "s|@OPEN4@|$open4|" -e "s|@OPEN6@|$open6|" -e "s|@CLOSE4@|$close4|" -e "s|@CLOSE6@|$close6|" \
    -e "s|@LET_IN@|/bin/sh $RUN/door.sh let-in $set_name|" \
    -e "s|@ONE_TIME@|$LIB/$name.one-time|" "$1/$2/$3"
}

# An element that is there already keeps its old timeout: it is deleted and added in one transaction.
open_by_nft() {
  element="element $TABLE ${set_name}_v$1"
  echo "$(command -v nft) 'add $element { %IP% }; delete $element { %IP% }; add $element { %IP% timeout ${seconds}s }'"
}

close_by_nft() {
  element="element $TABLE ${set_name}_v$1"
  echo "$(command -v nft) 'add $element { %IP% }; delete $element { %IP% }'"
}

# What fwknopd runs: it starts no shell, so it could not quote what knockd can.
let_in() {
  case $1 in new_* | open_*) ;; *) usage ;; esac
  tree=$(current_tree)
  if [ "$(cat "$tree/tool")" != nft ]; then
    echo "+$2" >"/proc/net/xt_recent/kp_${1}_4"
    return
  fi
  element="element $TABLE ${1}_v4"
  nft "add $element { $2 }; delete $element { $2 }; add $element { $2 }"
}

# The table of a tree for `nft -f`. $2: what follows a port that is hidden on trial, such as ` timeout 180s`.
# Only new connections are looked at, by their SYN: what is established needs no connection tracking to go on, and a
# knock, or a packet for another port, goes on to whatever other firewall there is.
nft_rules() {
  tree=$1
  printf 'add table %s\ndelete table %s\ntable %s {\n' "$TABLE" "$TABLE" "$TABLE"
  printf '  chain generation_%s {\n  }\n' "$(cat "$tree/generation")"
  elements=
  for port in $(ports "$tree"); do
    on_trial=
    ! grep -qx "$port" "$tree/ports" 2>/dev/null || on_trial=$2
    elements="$elements${elements:+, }$port$on_trial"
  done
  echo "  set hidden { type inet_service; flags timeout; elements = { $elements }; }"
  for port in $(ports "$tree"); do nft_port "$port"; done
  for each in $(secrets "$tree"); do
    [ ! -e "$tree/$each/knocks.nft" ] || fill "$tree" "$each" knocks.nft
  done
  ! closes_all "$tree" || nft_close_all "$(on_trial_only "$2")"
  echo '  chain input {'
  echo '    type filter hook input priority -10; policy accept;'
  echo '    iifname "lo" accept'
  for each in $(secrets "$tree"); do
    [ ! -e "$tree/$each/knocks.nft" ] || echo "    jump $(id_of "$each")_knocks"
  done
  for port in $(ports "$tree"); do echo "    tcp dport $port tcp dport @hidden jump port_$port"; done
  ! closes_all "$tree" || echo '    meta nfproto @closed jump close_all'
  printf '  }\n}\n'
}

# One hidden port. A secret that no login has proved has sets of its own: of whom it lets in, and of the connections
# (came) whose packets are the proof that `keep` wants.
nft_port() {
  seconds=$(for each in $(secrets "$tree"); do value "$tree/$each/door.conf" OPEN_S; done | sort -n | tail -n 1)
  unproved=$(for each in $(pending "$tree" "$1"); do id_of "$each"; done)
  for v in 4 6; do
    for name in "open_$1" $(echo "$unproved" | sed '/./s/^/new_/'); do
      echo "  set ${name}_v$v { type ipv${v}_addr; flags dynamic,timeout; timeout ${seconds}s; size 65535; }"
    done
    for name in $unproved; do
      echo "  set came_${name}_v$v { type ipv${v}_addr . inet_service; flags dynamic,timeout; timeout 1d; size 65535; }"
    done
  done
  for name in "let_in_$1" "dropped_$1" $(echo "$unproved" | sed '/./s/^/proof_/'); do printf '  counter %s {\n  }\n' "$name"; done
  echo "  chain port_$1 {"
  echo "    tcp flags & (fin | syn | rst | ack) != syn goto known_$1"
  for name in $unproved; do
    echo "    ip saddr @new_${name}_v4 add @came_${name}_v4 { ip saddr . tcp sport } counter name let_in_$1 accept"
    echo "    ip6 saddr @new_${name}_v6 add @came_${name}_v6 { ip6 saddr . tcp sport } counter name let_in_$1 accept"
  done
  echo "    ip saddr @open_$1_v4 counter name let_in_$1 accept"
  echo "    ip6 saddr @open_$1_v6 counter name let_in_$1 accept"
  printf '    counter name dropped_%s drop\n  }\n' "$1"
  echo "  chain known_$1 {"
  for name in $unproved; do
    echo "    ip saddr . tcp sport @came_${name}_v4 counter name proof_$name accept"
    echo "    ip6 saddr . tcp sport @came_${name}_v6 counter name proof_$name accept"
  done
  printf '    accept\n  }\n'
}

on_trial_only() { [ -e "$tree/closed-before" ] || echo "$1"; }

# Everything but the ports of --allow. DHCP's answers belong to no known connection, and a lost lease locks out as
# surely as a wrong rule; without neighbour discovery and the answers to a snooping switch there is no IPv6.
nft_close_all() {
  cat <<END
  set closed { typeof meta nfproto; flags timeout; elements = { ipv4$1, ipv6$1 }; }
  chain close_all {
    tcp flags & (fin | syn | rst | ack) != syn accept
    ct state established,related accept
    meta nfproto ipv4 udp sport 67 udp dport 68 accept
    ip6 saddr fe80::/10 ip6 daddr fe80::/10 udp sport 547 udp dport 546 accept
    icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert, nd-router-advert } ip6 hoplimit 255 accept
    icmpv6 type mld-listener-query ip6 saddr fe80::/10 accept
END
  for each in $(allowed "$tree"); do echo "    $(echo "$each" | sed 's/\(.*\):\(.*\)/\2 dport \1/') accept"; done
  printf '    drop\n  }\n'
}

allowed() { for each in $(secrets "$1"); do value "$1/$each/door.conf" ALLOW; done | tr ' ' '\n' | sort -u; }

# The same as a chain for iptables-restore --noflush, where there is no nft. $1: tree, $2: 4 or 6, $3: a match that
# holds while a trial lasts. RETURN, not ACCEPT: other rules still count.
iptables_rules() {
  tree=$1
  printf '*filter\n:%s - [0:0]\n' $CHAIN
  echo "-A $CHAIN -m comment --comment generation_$(cat "$tree/generation")"
  echo "-A $CHAIN -i lo -j RETURN"
  for port in $(ports "$tree"); do
    seconds=$(for each in $(secrets "$tree"); do value "$tree/$each/door.conf" OPEN_S; done | sort -n | tail -n 1)
    on_trial=
    ! grep -qx "$port" "$tree/ports" 2>/dev/null || on_trial=$3
    for name in "open_$port" $(for each in $(pending "$tree" "$port"); do echo "new_$(id_of "$each")"; done); do
      echo "-A $CHAIN -p tcp --dport $port --syn -m recent --name kp_${name}_$2 --rcheck --seconds $seconds" \
        "-m comment --comment $name -j RETURN"
    done
    echo "-A $CHAIN -p tcp --dport $port --syn $on_trial -j DROP"
  done
  ! closes_all "$tree" || iptables_close_all "$2" "$(on_trial_only "$3")"
  echo COMMIT
}

iptables_close_all() {
  cat <<END
-A $CHAIN -p tcp ! --syn -j RETURN
-A $CHAIN -m conntrack --ctstate RELATED,ESTABLISHED -j RETURN
END
  if [ "$1" = 4 ]; then
    echo "-A $CHAIN -p udp --sport 67 --dport 68 -j RETURN"
  else
    echo "-A $CHAIN -p udp -s fe80::/10 --sport 547 -d fe80::/10 --dport 546 -j RETURN"
    for each in neighbour-solicitation neighbour-advertisement router-advertisement; do
      echo "-A $CHAIN -p ipv6-icmp --icmpv6-type $each -m hl --hl-eq 255 -j RETURN"
    done
    echo "-A $CHAIN -p ipv6-icmp -s fe80::/10 --icmpv6-type 130 -j RETURN"
  fi
  for each in $(ports "$tree" | sed 's/$/:tcp/') $(allowed "$tree"); do
    echo "-A $CHAIN -p $(echo "$each" | sed 's/\(.*\):\(.*\)/\2 --dport \1/') -j RETURN"
  done
  echo "-A $CHAIN $2 -j DROP"
}

iptables_of() { if [ "$1" = 4 ]; then echo iptables; else echo ip6tables; fi; }

# Seconds that a tree's trial has left; nothing for what is kept.
seconds_left() {
  [ -e "$1/until" ] || return 0
  left=$(($(cat "$1/until") - $(uptime_s)))
  [ "$left" -ge 1 ] || left=1
  echo $left
}

# The table without counts and without what is in its sets: flushed chains and deleted rules show.
loaded_table() { nft -s -t list table $TABLE 2>/dev/null | cksum; }

# Whether the set of hidden ports has all that is hidden for good.
hides_kept() (
  for port in $(ports "$1"); do
    grep -qx "$port" "$1/ports" 2>/dev/null || nft get element $TABLE hidden "{ $port }" >/dev/null 2>&1 || exit 1
  done
)

are_loaded() {
  generation=generation_$(cat "$1/generation")
  if [ "$(cat "$1/tool")" = nft ]; then
    nft list chain $TABLE "$generation" >/dev/null 2>&1 && [ "$(loaded_table)" = "$(cat $RUN/table 2>/dev/null)" ] &&
      hides_kept "$1"
    return
  fi
  for v in 4 6; do
    tables=$(iptables_of $v)
    has $tables || continue
    $tables -w -S INPUT 2>/dev/null | sed -n 2p | grep -qx -e "-A INPUT -j $CHAIN" || return 1
    $tables -w -S $CHAIN 2>/dev/null | grep -q "$generation" || return 1
  done
}

load_rules() {
  left=$(seconds_left "$1")
  if [ "$(cat "$1/tool")" = nft ]; then
    nft_rules "$1" "${left:+ timeout ${left}s}" | nft -f - || return
    mkdir -p -m 700 $RUN
    loaded_table | put $RUN/table
    return
  fi
  until=
  [ -z "$left" ] || until="-m time --datestop $(date -u -d "@$(($(date +%s) + left))" +%Y-%m-%dT%H:%M:%S)"
  for v in 4 6; do
    tables=$(iptables_of $v)
    has $tables || continue
    iptables_rules "$1" $v "$until" | $tables-restore -w --noflush
    # As with nft, whoever is let in by an older secret knocks again.
    for list in /proc/net/xt_recent/kp_*_$v; do [ ! -e "$list" ] || echo / >"$list"; done
    while $tables -w -D INPUT -j $CHAIN 2>/dev/null; do :; done
    $tables -w -I INPUT 1 -j $CHAIN
  done
}

# The port is what it was before us.
unload_rules() {
  ! has nft || nft delete table $TABLE 2>/dev/null || :
  for tables in iptables ip6tables; do
    has $tables || continue
    $tables -w -S $CHAIN >/dev/null 2>&1 || continue
    while $tables -w -D INPUT -j $CHAIN 2>/dev/null; do :; done
    $tables -w -F $CHAIN
    $tables -w -X $CHAIN
  done
}

reconcile_rules() {
  tree=$(current_tree)
  [ -n "$tree" ] || return 0
  [ ! -e "$tree/unloaded" ] || return 0
  are_loaded "$tree" || load_rules "$tree"
}

# ------------------------------------------------------------------------------------------------ daemons

daemons_of() {
  for kind in $(kinds "$1"); do
    case $kind in knockd) echo knockd ;; spa) echo fwknopd ;; esac
  done
}

is_device() { ip link show dev "$1" >/dev/null 2>&1; }

# The interface of a tree, or that of the default route where it is gone.
device_of() {
  device=$(cat "$1/device")
  is_device "$device" || device=$(default_device)
  echo "${device:-$(cat "$1/device")}"
}

default_device() {
  { ip -4 route show default; ip -6 route show default; } 2>/dev/null | sed -n 's/.* dev \([^ ]*\).*/\1/p' | head -n 1
}

# knockd captures only what is sent to the addresses that its interface has when it starts.
addresses() {
  ip -o addr show dev "$1" scope global 2>/dev/null | awk '{ print $4 }' | sort | tr '\n' ' '
}

write_configs() {
  {
    printf '[options]\n  UseSyslog\n'
    for each in $(secrets "$1"); do
      [ ! -e "$1/$each/knockd.conf" ] || fill "$1" "$each" knockd.conf
    done
  } >"$2/knockd.conf"
  for each in $(secrets "$1"); do
    [ ! -e "$1/$each/access.conf" ] || fill "$1" "$each" access.conf
  done >"$2/access.conf"
  printf 'PCAP_FILTER udp port 62201;\nFWKNOP_RUN_DIR %s;\n' "$2" >"$2/fwknopd.conf"
}

# Starts a daemon of a tree in the background: sets `pid`. $2: knockd or fwknopd, $3: its folder
start_daemon() {
  mkdir -p -m 700 "$3"
  write_configs "$1" "$3"
  device=$(device_of "$1")
  if [ "$2" = knockd ]; then
    knockd -c "$3/knockd.conf" -i "$device" </dev/null >"$3/log" 2>&1 9>&- &
  else
    mkdir -p -m 700 $LIB
    fwknopd -f -i "$device" -c "$3/fwknopd.conf" -a "$3/access.conf" -d $LIB/digest.cache \
      </dev/null >"$3/log" 2>&1 9>&- &
  fi
  pid=$!
}

# Whether a process holds a packet socket on an interface.
captures() {
  index=$(ip -o link show dev "$2" 2>/dev/null | cut -d: -f1)
  [ -d "/proc/$1/fd" ] || return 1
  sockets=$(ls -l "/proc/$1/fd" 2>/dev/null | sed -n 's/.*socket:\[\([0-9]*\)\].*/\1/p')
  for inode in $(awk -v i="$index" '$5 == i { print $9 }' /proc/net/packet); do
    case " $(echo "$sockets" | tr '\n' ' ') " in *" $inode "*) return 0 ;; esac
  done
  return 1
}

# What the running daemon was started for.
stamp() {
  device=$(device_of "$1")
  echo "$(cat "$1/generation") $device $(addresses "$device")"
}

daemon_pid() {
  pid=$(cat "$RUN/$1/pid" 2>/dev/null) || return 1
  tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -q "$RUN/$1/" && echo "$pid"
}

stop_daemon() {
  # knockd heeds SIGTERM only at its next packet.
  ! pid=$(daemon_pid "$1") || kill -9 "$pid" 2>/dev/null || :
  rm -rf "$RUN/$1"
}

daemon_runs() {
  [ "$(cat "$RUN/$2/stamp" 2>/dev/null)" = "$(stamp "$1")" ] && pid=$(daemon_pid "$2") &&
    captures "$pid" "$(device_of "$1")"
}

# Only the guard starts daemons: they are its children.
reconcile_daemons() {
  for daemon in knockd fwknopd; do
    if ! daemons_of "$1" | grep -qx $daemon; then
      stop_daemon $daemon
    elif ! daemon_runs "$1" $daemon && [ -n "$(addresses "$(device_of "$1")")" ]; then
      stop_daemon $daemon
      start_daemon "$1" $daemon "$RUN/$daemon"
      echo "$pid" >"$RUN/$daemon/pid"
      stamp "$1" >"$RUN/$daemon/stamp"
    fi
  done
}

# Whether a tree's daemons work on this machine, tried beside those that run. Says why not.
try_daemons() {
  for daemon in $(daemons_of "$1"); do
    start_daemon "$1" "$daemon" "$RUN/try"
    if ! within 5 captures "$pid" "$(device_of "$1")"; then
      kill -9 "$pid" 2>/dev/null || :
      echo "$daemon does not listen on $(device_of "$1"): $(tail -n 1 "$RUN/try/log")" >&2
      rm -rf "$RUN/try"
      return 1
    fi
    kill -9 "$pid" 2>/dev/null || :
    rm -rf "$RUN/try"
  done
}

# Repeats a command until it succeeds, at most so many seconds.
within() {
  tries=$(($1 * 10))
  shift
  while ! "$@"; do
    tries=$((tries - 1))
    [ $tries -gt 0 ] || return 1
    sleep 0.1
  done
}

daemons_run() {
  for daemon in $(daemons_of "$1"); do daemon_runs "$1" "$daemon" || return 1; done
}

# ------------------------------------------------------------------------------------------------ the guard

reconcile() {
  trial=$(trial_tree)
  if [ -n "$trial" ] && [ "$(uptime_s)" -ge "$(cat "$trial/until")" ]; then end_trial; fi
  tree=$(current_tree)
  if [ -z "$tree" ]; then
    unload_rules
    forget
  else
    reconcile_daemons "$tree"
    reconcile_rules
  fi
}

# One-time lines that were used on trial are used in the copy too from which it may be set up again.
end_trial() {
  source=$(cat "$RUN/trial/source")
  for each in $(secrets "$RUN/trial"); do
    [ -e "$RUN/trial/$each/pending" ] || continue
    [ ! -e "$ETC/kept/$each" ] || continue
    file=$LIB/$(id_of "$each").one-time
    [ ! -e "$file" ] || [ ! -e "$source/one-time" ] || cat "$file" >"$source/one-time"
    rm -f "$file"
  done
  mv "$RUN/trial" "$RUN/ended"
  rm -rf "$RUN/ended"
}

# Without a door nothing of ours is left. The unit is the last: this may run in it.
forget() {
  for daemon in knockd fwknopd; do stop_daemon $daemon; done
  rm -f $UNITS/sysinit.target.wants/knockproxy-rules.service $UNITS/multi-user.target.wants/knockproxy-door.service
  rm -f $UNITS/knockproxy-rules.service $UNITS/knockproxy-door.service $TRIAL_UNIT
  for each in $(cat $ETC/made 2>/dev/null); do rmdir $UNITS/"$each" 2>/dev/null || :; done
  rm -rf $ETC $LIB $PROGRAM
  if [ -e /etc/init.d/knockproxy-door ]; then
    ! has rc-update || rc-update del knockproxy-door default >/dev/null 2>&1 || :
    rm -f /etc/init.d/knockproxy-door
    ! has update-rc.d || update-rc.d knockproxy-door remove >/dev/null 2>&1 || :
  fi
  guard=$(cat $RUN/guard 2>/dev/null || :)
  rm -rf $RUN
  if systemd_runs; then
    systemctl daemon-reload
    systemctl --no-block stop knockproxy-door.service knockproxy-rules.service 2>/dev/null || :
  elif [ -n "$guard" ] && [ "$guard" != $$ ]; then
    kill "$guard" 2>/dev/null || :
  fi
}

guard() {
  mkdir -p -m 700 $RUN
  [ "$SELF" = $RUN/door.sh ] || put $RUN/door.sh <"$SELF"
  trap : USR1
  trap 'for each in knockd fwknopd; do stop_daemon $each; done; exit 0' TERM
  while :; do
    # A command that fails is tried again; in the condition of an `if` none ends this shell.
    if lock; then reconcile || :; fi
    unlock
    [ -e $RUN ] || exit 0
    echo $$ >$RUN/guard
    sleep 5 &
    wait $! || :
  done
}

# Starts the guard, or wakes it.
wake_guard() {
  if guard=$(cat $RUN/guard 2>/dev/null) && tr '\0' ' ' <"/proc/$guard/cmdline" 2>/dev/null | grep -q ' guard'; then
    kill -USR1 "$guard"
  elif systemd_runs; then
    [ -e $UNITS/knockproxy-door.service ] || unit_of_guard $RUN/door.sh | put $TRIAL_UNIT
    systemctl daemon-reload
    systemctl restart knockproxy-door.service
  else
    setsid sh $RUN/door.sh guard </dev/null >/dev/null 2>&1 9>&- &
  fi
}

# Replaces a file in one step.
put() {
  mkdir -p "$(dirname "$1")"
  cat >"$1.new"
  mv "$1.new" "$1"
}

unit_of_guard() {
  cat <<END
[Unit]
Description=Hidden port: the knock daemon and its rules (knockproxy)
After=network.target knockproxy-rules.service
StartLimitIntervalSec=0

[Service]
ExecStart=/bin/sh $1 guard
Restart=on-failure
RestartSec=1

[Install]
WantedBy=multi-user.target
END
}

# Before the network and sshd; after, and again with, the one that flushes all tables of nftables.
unit_of_rules() {
  cat <<END
[Unit]
Description=Hidden port: the rules (knockproxy)
DefaultDependencies=no
RequiresMountsFor=/etc/knockproxy $PROGRAM
After=systemd-modules-load.service nftables.service netfilter-persistent.service ufw.service
Before=network-pre.target ssh.service sshd.service ssh.socket shutdown.target
Wants=network-pre.target
Conflicts=shutdown.target
PartOf=nftables.service
ReloadPropagatedFrom=nftables.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh $PROGRAM boot
ExecReload=/bin/sh $PROGRAM boot

[Install]
WantedBy=sysinit.target
END
}

# Sets `survives` to what makes the door outlive a reboot.
enable_at_boot() {
  put $PROGRAM <"$SELF"
  chmod 755 $PROGRAM
  if systemd_runs; then
    unit_of_rules | put $UNITS/knockproxy-rules.service
    unit_of_guard $PROGRAM | put $UNITS/knockproxy-door.service
    chmod 644 $UNITS/knockproxy-*.service
    for each in sysinit.target.wants multi-user.target.wants; do
      [ -d $UNITS/$each ] || { echo $each >>$ETC/made; mkdir -m 755 $UNITS/$each; }
    done
    ln -sf $UNITS/knockproxy-rules.service $UNITS/sysinit.target.wants/
    ln -sf $UNITS/knockproxy-door.service $UNITS/multi-user.target.wants/
    rm -f $TRIAL_UNIT
    systemctl daemon-reload
  elif has rc-update || has update-rc.d; then
    init_script | put /etc/init.d/knockproxy-door
    chmod 755 /etc/init.d/knockproxy-door
    if has rc-update; then rc-update add knockproxy-door default; else update-rc.d knockproxy-door defaults; fi
  fi
}

# For OpenRC and for System V: both know start) and depend() alike.
init_script() {
  if has rc-update; then echo '#!/sbin/openrc-run'; else echo '#!/bin/sh'; fi
  cat <<END
### BEGIN INIT INFO
# Provides:          knockproxy-door
# Required-Start:    \$local_fs
# Required-Stop:
# X-Start-Before:    \$network ssh
# Default-Start:     2 3 4 5
# Default-Stop:
# Short-Description: hidden port (knockproxy)
### END INIT INFO
depend() {
  before net sshd
  after localmount nftables iptables
}
start() {
  /bin/sh $PROGRAM boot
  setsid /bin/sh $PROGRAM guard </dev/null >/dev/null 2>&1 &
}
stop() {
  kill "\$(cat $RUN/guard 2>/dev/null)" 2>/dev/null || true
}
END
  # shellcheck disable=SC2016
  has rc-update || echo 'case "$1" in start) start ;; stop) stop ;; restart|force-reload) stop; start ;; esac'
}

at_boot() {
  if [ -e $UNITS/sysinit.target.wants/knockproxy-rules.service ]; then
    echo 'loaded by knockproxy-rules.service before the network, daemon by knockproxy-door.service'
  elif [ -e /etc/init.d/knockproxy-door ]; then
    echo 'loaded by /etc/init.d/knockproxy-door'
  else
    echo 'NOT hidden: this system has neither systemd nor OpenRC nor System V scripts'
  fi
}

# ------------------------------------------------------------------------------------------------ install

# "CLIENT PORT SERVER PORT" of the login in which this runs, also below sudo, which takes it out of the environment.
ssh_connection() {
  pid=$$
  while [ "${pid:-1}" -gt 1 ]; do
    found=$({ tr '\0' '\n' <"/proc/$pid/environ"; } 2>/dev/null | sed -n 's/^SSH_CONNECTION=//p' | head -n 1)
    [ -z "$found" ] || { echo "$found"; return; }
    pid=$(sed -n 's/^PPid:[[:space:]]*//p' "/proc/$pid/status" 2>/dev/null)
  done
}

# "PROTOCOL PORT" of all that listens elsewhere than on loopback.
listening() {
  for protocol in tcp udp; do
    cat /proc/net/$protocol "/proc/net/${protocol}6" 2>/dev/null | awk -v protocol=$protocol '
      $4 != (protocol == "tcp" ? "0A" : "07") { next }
      $2 ~ /^......7F:|^00000000000000000000000001000000:/ { next }
      { n = split($2, part, ":"); print protocol, part[n] }'
  done | while read -r protocol hex; do echo "$protocol $((0x$hex))"; done | sort -u | sort -s -k1,1 -k2n
}

choose_device() {
  [ -z "$DEVICE" ] || { echo "$DEVICE"; return; }
  [ -z "$(value "$HERE/door.conf" INTERFACE)" ] || { value "$HERE/door.conf" INTERFACE; return; }
  address=$(echo "$connection" | awk '{ print $3 }')
  case $address in *%*) echo "${address#*%}"; return ;; esac
  device=$(ip -o addr show 2>/dev/null | awk -v a="$address" '{ split($4, part, "/"); if (part[1] == a) print $2 }')
  case $device in '' | lo) device=$(default_device) ;; esac
  [ -n "$device" ] || device=$(only_device)
  echo "$device"
}

only_device() {
  devices=$(ip -o addr show scope global up 2>/dev/null | awk '{ print $2 }' | sort -u)
  [ "$(echo "$devices" | wc -l)" != 1 ] || echo "$devices"
}

firewalls() {
  if grep -qs '^ENABLED=yes' /etc/ufw/ufw.conf; then echo ufw; fi
  if systemd_runs; then
    for each in firewalld nftables netfilter-persistent fail2ban docker; do
      ! systemctl -q is-active $each 2>/dev/null || echo $each
    done
  fi
}

# Words in one line.
list() { if [ -n "$1" ]; then echo "$1" | tr '\n' ' ' | sed 's/ $//'; else echo none; fi; }

package_of() {
  case $1:$2 in
    knockd:dnf) echo knock-server ;;
    knockd:apk) echo knock ;;
    fwknopd:apt-get) echo fwknop-server ;;
    fwknopd:*) echo fwknop ;;
    nft:*) echo nftables ;;
    ip:apt-get | ip:apk) echo iproute2 ;;
    ip:*) echo iproute ;;
    *) echo "$1" ;;
  esac
}

# The line that installs programs here.
install_line() {
  for manager in apt-get dnf apk pacman; do
    has $manager || continue
    case $manager in apt-get | dnf) verb=install ;; apk) verb=add ;; pacman) verb=-S ;; esac
    line="$manager $verb"
    for program; do line="$line $(package_of "$program" $manager)"; done
    echo "$line"
    return
  done
  echo "install $*"
}

need_programs() {
  missing=
  for program in ip awk sed; do has $program || missing="$missing $program"; done
  case $KIND in
    knockd) has knockd || missing="$missing knockd" ;;
    spa) has fwknopd || missing="$missing fwknopd" ;;
    nftables) has nft || missing="$missing nft" ;;
  esac
  has nft || has iptables || missing="$missing nft"
  [ -z "$missing" ] || refuse "Missing:$missing. Nothing was changed." "Install it first:  $(install_line $missing)"
}

choose_tool() {
  TOOL=iptables
  ! has nft || TOOL=nft
  case $(value "$HERE/door.conf" FIREWALL) in
    iptables) TOOL=iptables; has iptables || refuse 'There is no iptables. Nothing was changed.' ;;
    nftables) TOOL=nft; has nft || refuse 'There is no nft. Nothing was changed.' ;;
  esac
  [ -z "$kept" ] || TOOL=$(cat "$kept/tool")
  if [ "$TOOL" = iptables ] && [ "$KIND" = nftables ]; then
    refuse 'A door without a daemon needs nft. Nothing was changed.' "Install it:  $(install_line nft)"
  fi
}

look_around() {
  connection=$(ssh_connection)
  login_port=$(echo "$connection" | awk '{ print $4 }')
  sshd_ports=$({ sshd -T 2>/dev/null || :; } | sed -n 's/^port //p')
  device=$(choose_device)
  echo 'This machine:'
  echo "  sshd       on port $(list "${sshd_ports:-unknown}")${login_port:+; this login came in on port $login_port}"
  echo "  interface  ${device:-unknown}"
  echo "  firewall   $(list "$(firewalls)")"
  echo "  init       $(if systemd_runs; then echo systemd; elif has rc-update; then echo OpenRC; else echo 'neither systemd nor OpenRC'; fi)"
  others=$(sed -n 's/^\[\(.*\)\]$/\1/p' /etc/knockd.conf 2>/dev/null | grep -v '^options$' | tr '\n' ' ' || :)
  [ -z "$others" ] || echo "  doors      /etc/knockd.conf has: $others(they stay as they are)"
  if [ -z "$device" ] || ! is_device "$device"; then
    refuse "On which interface do logins arrive? ${device:+$device is not there. }Nothing was changed." \
      "Name it:  sh $SELF --interface NAME    the interfaces are: $(ip -o link | sed 's/^[0-9]*: \([^:@]*\).*/\1/' | grep -vx lo | tr '\n' ' ')"
  fi
  if ! listening | grep -qx "tcp $PORT"; then
    refuse "Nothing listens on port $PORT, which this door is to hide. Nothing was changed." \
      "${login_port:+This login came in on port $login_port. If that is the one to hide:  sh $SELF --port $login_port}"
  fi
  if has nft && nft list table inet knockproxy >/dev/null 2>&1; then
    refuse 'The table "inet knockproxy" of knockproxy 1.0 is loaded and closes this machine. Nothing was changed.' \
      'First:  nft delete table inet knockproxy, and remove it from /etc/nftables.conf'
  fi
}

# A copy of what is in force, with the new secret. $1: the tree that becomes it
build_tree() {
  rm -rf "$1"
  mkdir -p "$1"
  if [ -n "$kept" ]; then cp -a "$kept/." "$1/"; else mkdir "$1/clients"; fi
  number=$(($( (ls "$1/clients/${CLIENT}_$PORT" 2>/dev/null || :) | sort -n | tail -n 1) + 1))
  secret=clients/${CLIENT}_$PORT/$number
  mkdir -p "$1/$secret"
  # Of one client's secrets only the newest has to be proved: a login with another one says nothing of it.
  rm -f "$1/clients/${CLIENT}_$PORT"/*/pending
  sed "s/^PORT=.*/PORT=$PORT/" "$HERE/door.conf" >"$1/$secret/door.conf"
  for file in knockd.conf knocks.nft access.conf; do
    [ ! -e "$HERE/$file" ] || cp "$HERE/$file" "$1/$secret/$file"
  done
  if [ "$number" != 1 ] || ! hides "$kept" "$PORT" || closes_more; then : >"$1/$secret/pending"; fi
  echo "$device" >"$1/device"
  echo "$TOOL" >"$1/tool"
  echo "$(date +%s)_$$" >"$1/generation"
}

# Lines that are used stay used when the same file is set up again.
put_one_time() {
  [ -e "$HERE/one-time" ] || return 0
  mkdir -p -m 700 $LIB
  file=$LIB/${CLIENT}_${PORT}_$number.one-time
  [ ! -e "$file" ] || [ "$(sed 's/^#/ /' "$file")" != "$(sed 's/^#/ /' "$HERE/one-time")" ] || return 0
  put "$file" <"$HERE/one-time"
}

check_rules() {
  [ "$TOOL" = nft ] || return 0
  nft_rules "$1" '' >"$1/rules"
  if ! error=$(nft -c -f "$1/rules" 2>&1); then
    refuse "nft does not take the rules: $(echo "$error" | head -n 1). Nothing was changed."
  fi
  rm "$1/rules"
}

install() {
  [ -e "$HERE/door.conf" ] || refuse "There is no door.conf beside $SELF: run install.sh in the directory that knockproxy wrote."
  CLIENT=$(value "$HERE/door.conf" CLIENT)
  KIND=$(value "$HERE/door.conf" KIND)
  PORT=${PORT_ASKED:-$(value "$HERE/door.conf" PORT)}
  [ ! -d "$HERE/server" ] || refuse "A newer copy is in $HERE/server. Run that one:  sh $HERE/server/install.sh"
  lock
  kept=$(kept_tree)
  [ "$(value "$HERE/door.conf" ROTATE)" != yes ] || find_client
  need_programs
  choose_tool
  look_around
  mkdir -p -m 700 $RUN
  put $RUN/door.sh <"$SELF"
  trap 'exit 130' INT TERM HUP
  if has_secret; then
    drop_source "$HERE"
    echo "Nothing to change: $CLIENT already has this secret for port $PORT."
  elif hides "$kept" "$PORT" && ! closes_more; then add_secret; else start_trial; fi
}

# Whose secret changes: the client may have been called otherwise, and a router may forward another port to this one.
find_client() {
  clients=$([ -z "$kept" ] || for each in $(secrets "$kept"); do
    echo "$(value "$kept/$each/door.conf" CLIENT) $(value "$kept/$each/door.conf" PORT)"
  done | sort -u)
  [ -n "$clients" ] || refuse 'There is no door of knockproxy on this machine. Nothing was changed.'
  ! echo "$clients" | grep -qxF -e "$CLIENT $PORT" || return 0
  [ "$(echo "$clients" | wc -l)" = 1 ] || refuse "Which secret should change? Name the client:  --client NAME" \
    "The clients and their ports: $(echo "$clients" | tr '\n' ',')"
  CLIENT=${clients% *} PORT=${clients#* }
}

# Whether the newest secret of this client is this one, and proved.
has_secret() {
  [ -n "$kept" ] || return 1
  newest=$(secrets "$kept" | grep "^clients/${CLIENT}_$PORT/" | sort -t / -k3n | tail -n 1)
  [ -n "$newest" ] && [ ! -e "$kept/$newest/pending" ] || return 1
  for file in knockd.conf knocks.nft access.conf; do
    if [ -e "$HERE/$file" ]; then
      cmp -s "$HERE/$file" "$kept/$newest/$file" || return 1
    fi
  done
  # One-time files differ where all else is equal.
  [ ! -e "$HERE/one-time" ]
}

closes_more() { [ "$(value "$HERE/door.conf" CLOSE_ALL)" = yes ] && ! closes_all "$kept"; }

# What a command that does not go through leaves.
abandon() {
  rm -rf "$1"
  [ -n "$(current_tree)" ] || forget
}

start_trial() {
  list_closing
  next=$RUN/trial.next
  trap 'abandon $next' EXIT
  build_tree $next
  put_one_time
  check_rules $next
  try_daemons $next || refuse 'Nothing was changed.'
  if hides "$kept" "$PORT"; then : >$next/ports; else echo "$PORT" >$next/ports; fi
  [ -z "$kept" ] || ! closes_all "$kept" || : >$next/closed-before
  echo "$HERE" >$next/source
  echo $(($(uptime_s) + UNDO_S)) >$next/until
  : >$next/unloaded
  rm -rf $RUN/trial.old
  [ ! -e $RUN/trial ] || mv $RUN/trial $RUN/trial.old
  mv $next $RUN/trial
  rm -rf $RUN/trial.old
  trap - EXIT
  unlock
  wake_guard
  if ! within 15 daemons_run $RUN/trial; then
    lock
    end_trial
    reconcile
    refuse 'The daemon did not start. Nothing was changed.'
  fi
  lock
  [ -e $RUN/trial/until ] || refuse 'The trial period ended before the rules were loaded. Nothing was changed.'
  echo $(($(uptime_s) + UNDO_S)) >$RUN/trial/until
  rm $RUN/trial/unloaded
  load_rules $RUN/trial
  echo "Port $PORT is hidden, on trial: in $(minutes "$UNDO_S") it opens again by itself."
  [ -z "$BRIEF" ] || return 0
  cat <<END
Stay logged in here. From a second terminal on the client, through the door:
  $(value "$HERE/door.conf" LOGIN)
It works? Then here:
  sh $SELF keep
END
}

minutes() { if [ $(($1 % 60)) = 0 ]; then echo "$(($1 / 60)) minutes"; else echo "$1 seconds"; fi; }

list_closing() {
  [ "$(value "$HERE/door.conf" CLOSE_ALL)" = yes ] || return 0
  allow=" $(value "$HERE/door.conf" ALLOW) $PORT:tcp "
  closing=$(listening | while read -r protocol port; do
    case $allow in *" $port:$protocol "*) ;; *) printf ' %s/%s' "$port" "$protocol" ;; esac
  done)
  [ -z "$closing" ] || echo "These ports, on which something listens, will close:$closing"
  echo "Stays open for everybody:$(echo "$allow" | sed "s| $PORT:tcp $||; s|^ *$| nothing else|")"
}

# The port is hidden already: one more secret cannot lock anybody out.
add_secret() {
  next=$ETC/tree.$(date +%s).$$
  trap 'abandon $next' EXIT
  build_tree "$next"
  put_one_time
  check_rules "$next"
  try_daemons "$next" || refuse 'Nothing was changed.'
  switch_to "$next"
  trap - EXIT
  unlock
  wake_guard
  within 15 daemons_run $ETC/kept || echo 'The daemon is not up yet; see: knockproxy-door status' >&2
  lock
  reconcile_rules
  drop_source "$HERE"
  if [ "$number" = 1 ]; then
    echo "$CLIENT can now open port $PORT, in addition to the other clients."
    return
  fi
  echo "$CLIENT has a new secret for port $PORT. The old one remains valid until a login has used the new one."
  [ -n "$BRIEF" ] || echo 'Then revoke the old one:  knockproxy-door keep'
}

# The commit: from here on a reboot has the new tree.
switch_to() {
  sync
  ln -sfn "$(basename "$1")" $ETC/kept.next
  mv -T $ETC/kept.next $ETC/kept
  sync
  for old in $ETC/tree.*; do
    [ "$old" = "$1" ] || rm -rf "$old"
  done
}

# The folder that was copied here holds the secret.
drop_source() {
  [ -e "$1/door.conf" ] || return 0
  for file in door.conf knockd.conf knocks.nft access.conf one-time install.sh; do rm -f "$1/$file"; done
  rmdir "$1" 2>/dev/null || echo "$1 is not empty: knockproxy did not create the files that remain in it."
}

# ------------------------------------------------------------------------------------------------ keep

# Whether a login has come with a secret. $1: tree, $2: secret
proof() {
  name=$(id_of "$2")
  if [ "$(cat "$1/tool")" = nft ]; then
    count=$(counter "proof_$name")
    [ "${count:-0}" -ge $PACKETS_OF_A_LOGIN ]
    return
  fi
  for tables in iptables ip6tables; do
    ! has $tables || $tables -w -nvxL $CHAIN 2>/dev/null |
      awk -v c="/* new_$name */" 'index($0, c) && $1 > 0 { found = 1 } END { exit !found }' || continue
    return 0
  done
  return 1
}

keep() {
  lock
  tree=$(current_tree)
  [ -n "$tree" ] || refuse 'There is nothing to keep: no port is hidden. The 3 minutes are over, or it was never set up.' \
    'Set it up again:  sh install.sh'
  if [ -e "$tree/until" ] && [ "$(uptime_s)" -ge "$(cat "$tree/until")" ]; then
    end_trial
    reconcile
    refuse 'Too late: the trial period is over, and the port is open as before. Set it up again:  sh install.sh'
  fi
  reconcile_rules
  unproved=$(pending "$tree")
  [ -n "$unproved" ] || { echo 'Everything is already kept.'; return; }
  proved=
  for secret in $unproved; do
    if [ -n "$UNPROVEN" ] || proof "$tree" "$secret"; then proved="$proved $secret"; fi
  done
  # What a trial is about must be proved; a new secret of a kept door may wait.
  for secret in $unproved; do
    case "$proved " in *" $secret "*) continue ;; esac
    [ -z "$proved" ] || { [ -e "$tree/until" ] && [ ! -e "$ETC/kept/$secret" ]; } || continue
    refuse "No login has come through the door of port $(value "$tree/$secret/door.conf" PORT) yet: nothing is kept." \
      "From a second terminal on the client:  $(value "$tree/$secret/door.conf" LOGIN)" \
      'If you have a console on this machine, you may run:  keep --unproven'
  done
  commit_kept "$tree" "$proved"
}

# Drops what the proved secrets replace.
commit_kept() {
  next=$ETC/tree.$(date +%s).$$
  source=$(cat "$1/source" 2>/dev/null || :)
  mkdir -p "$next"
  cp -a "$1/." "$next/"
  rm -f "$next/until" "$next/ports" "$next/source" "$next/unloaded" "$next/closed-before"
  for each in $2; do
    rm -f "$next/$each/pending"
    for old in "$next/$(dirname "$each")"/*; do
      [ "$old" = "$next/$each" ] || [ "${old##*/}" -gt "${each##*/}" ] || rm -rf "$old"
    done
  done
  echo "$(date +%s)_$$" >"$next/generation"
  enable_at_boot
  switch_to "$next"
  rm -rf $RUN/trial
  load_rules $ETC/kept
  remove_old_one_time
  if systemd_runs; then systemctl --no-block start knockproxy-rules.service; fi
  unlock
  wake_guard
  within 15 daemons_run $ETC/kept || echo 'The daemon is not up yet; see: knockproxy-door status' >&2
  [ -z "$source" ] || drop_source "$source"
  echo "Kept. After a reboot: $(at_boot)"
  echo 'From now on, run:  knockproxy-door status | remove | keep'
}

remove_old_one_time() {
  for file in $LIB/*.one-time; do
    [ -e "$file" ] || continue
    name=$(basename "$file" .one-time)
    [ -d "$ETC/kept/clients/${name%_*}/${name##*_}" ] || rm -f "$file"
  done
}

# ------------------------------------------------------------------------------------------------ remove, status

remove() {
  lock
  if [ -n "$1" ]; then
    remove_client "$1"
    return
  fi
  open=$(for tree in $(current_tree); do ports "$tree"; done | tr '\n' ' ')
  [ -n "$open" ] || [ -e $RUN ] || [ -e $ETC ] || refuse 'There is no door here.'
  [ ! -e $RUN/trial ] || end_trial
  rm -f $ETC/kept
  unload_rules
  forget
  echo "Removed. Port ${open:-}is open as before."
  saved=$(grep -ls "$CHAIN" /etc/iptables/rules.v4 /etc/iptables/rules.v6 || :)
  [ -z "$saved" ] || echo "But $saved contains the chain of knockproxy, because the rules were saved while it was loaded: save them again now."
}

remove_client() {
  kept=$(kept_tree)
  names=$([ -z "$kept" ] || for each in $(secrets "$kept"); do value "$kept/$each/door.conf" CLIENT; done | sort -u)
  echo "$names" | grep -qxF -e "$1" || refuse "There is no client $1. The clients are: $(echo "$names" | tr '\n' ' ')"
  next=$ETC/tree.$(date +%s).$$
  mkdir "$next"
  cp -a "$kept/." "$next/"
  for each in $(secrets "$next"); do
    [ "$(value "$next/$each/door.conf" CLIENT)" != "$1" ] || rm -rf "${next:?}/$each"
  done
  rmdir "$next"/clients/* 2>/dev/null || :
  if [ "$(ports "$next")" != "$(ports "$kept")" ]; then
    rm -rf "$next"
    refuse "$1 is the only client that can open that port. To remove the whole door:  knockproxy-door remove"
  fi
  echo "$(date +%s)_$$" >"$next/generation"
  switch_to "$next"
  load_rules $ETC/kept
  remove_old_one_time
  unlock
  wake_guard
  within 15 daemons_run $ETC/kept || echo 'The daemon is not up yet; see: knockproxy-door status' >&2
  echo "$1 can no longer open a port of this server."
}

counter() { nft list counter $TABLE "$1" 2>/dev/null | sed -n 's/.*packets \([0-9]*\).*/\1/p'; }

status() {
  tree=$(current_tree)
  [ -n "$tree" ] || { echo 'No port is hidden.'; return 1; }
  worst=0
  for port in $(ports "$tree"); do
    if ! are_loaded "$tree"; then
      echo "port $port: NOT hidden: the rules are not loaded"
      worst=1
    elif grep -qx "$port" "$tree/ports" 2>/dev/null; then
      echo "port $port: hidden on trial, $(seconds_left "$tree") seconds left; to keep it: keep"
    else
      echo "port $port: hidden"
    fi
    [ "$(cat "$tree/tool")" != nft ] || echo "  connections let in: $(counter "let_in_$port"), dropped: $(counter "dropped_$port")"
    echo "  let in now: $(list "$(let_in_now "$port")")"
    if ! listening | grep -qx "tcp $port"; then
      echo '  NOTHING LISTENS on it'
      worst=1
    fi
  done
  for port in $({ sshd -T 2>/dev/null || :; } | sed -n 's/^port //p'); do
    hides "$tree" "$port" || echo "port $port: sshd listens on it too, and it is NOT hidden"
  done
  for each in $(secrets "$tree"); do
    state=
    [ ! -e "$tree/$each/pending" ] || state=', not proved by a login yet'
    echo "client $(value "$tree/$each/door.conf" CLIENT): port $(value "$tree/$each/door.conf" PORT), $(value "$tree/$each/door.conf" KIND)$state"
  done
  for daemon in $(daemons_of "$tree"); do
    if daemon_runs "$tree" "$daemon"; then
      echo "$daemon: listens on $(device_of "$tree")"
    else
      echo "$daemon: DOES NOT RUN: nobody can open the port"
      worst=1
    fi
  done
  if [ -n "$(kept_tree)" ]; then echo "after a reboot: $(at_boot)"; else echo 'after a reboot: open as before'; fi
  return $worst
}

let_in_now() {
  if [ "$(cat "$tree/tool")" = nft ]; then
    for set_name in "open_$1" $(for each in $(pending "$tree" "$1"); do echo "new_$(id_of "$each")"; done); do
      for v in 4 6; do nft list set $TABLE "${set_name}_v$v" 2>/dev/null; done
    done | tr '\n\t' '  ' | grep -o 'elements = {[^}]*}' | sed 's/elements = { *//; s/ *}//'
  else
    cat /proc/net/xt_recent/kp_open_"$1"_? /proc/net/xt_recent/kp_new_*_"$1"_*_? 2>/dev/null | sed -n 's/^src=\([^ ]*\).*/\1/p'
  fi
}

main "$@"
exit
