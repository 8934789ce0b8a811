# Sends knocks from the host of KnockVia. `ssh HOST sh` reads it from standard input, and after it lines of these forms:
#   addresses HOST
#   lines 'ADDRESS DELAY_MS' 'tcp PORT' 'udp PORT PAYLOAD' 'icmp BYTES' | knock
# PAYLOAD is written as printf(1) takes it, in octal. No step is in an argument list, but for those of nc, which takes its
# port in no other way, and the size of an ICMP echo request.
LC_ALL=C
export LC_ALL

perl_knock='
use Socket qw(:all);
my ($host, $ms) = split " ", <STDIN>;
my ($fault, @found) = getaddrinfo($host, "", { socktype => SOCK_STREAM });
exit 3 if $fault;
($fault, $host) = getnameinfo($found[0]{addr}, NI_NUMERICHOST | NI_NUMERICSERV);
while (<STDIN>) {
  my ($kind, $where, $bytes) = split;
  if ($kind eq "icmp") {
    my $pid = fork;
    unless ($pid) { open STDIN, "</dev/null"; exec "ping", "-n", "-c", 1, "-W", 1, "-s", $where, $host; exit 127 }
    select undef, undef, undef, 0.1;
    kill "KILL", $pid;
    waitpid $pid, 0;
    exit 4 if $? >> 8 == 127;
  } else {
    my $type = $kind eq "udp" ? SOCK_DGRAM : SOCK_STREAM;
    ($fault, @found) = getaddrinfo($host, $where, { socktype => $type, flags => AI_NUMERICHOST | AI_NUMERICSERV });
    socket my $knock, $found[0]{family}, $type, 0 or exit 5;
    if ($kind eq "udp") {
      $bytes =~ s/\\(\d{3})/chr oct $1/ge if defined $bytes;
      send $knock, defined $bytes ? $bytes : "", 0, $found[0]{addr};
    } else {
      $knock->blocking(0);
      connect $knock, $found[0]{addr};
    }
    close $knock;
  }
  select undef, undef, undef, $ms / 1000;
}'

python_knock='
import socket, subprocess, sys, time
host, ms = sys.stdin.readline().split()
try:
    family, _, _, _, address = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)[0]
except socket.gaierror:
    sys.exit(3)
for line in sys.stdin:
    kind, where, *payload = line.split()
    if kind == "icmp":
        try:
            ping = ["ping", "-n", "-c", "1", "-W", "1", "-s", where, address[0]]
            child = subprocess.Popen(ping, stdin=subprocess.DEVNULL)
        except OSError:
            sys.exit(4)
        time.sleep(0.1)
        child.kill()
        child.wait()
    else:
        to = (address[0], int(where)) + address[2:]
        with socket.socket(family, socket.SOCK_DGRAM if kind == "udp" else socket.SOCK_STREAM) as knock:
            if kind == "udp":
                knock.sendto(bytes(int(byte, 8) for byte in "".join(payload).split("\\")[1:]), to)
            else:
                knock.setblocking(False)
                knock.connect_ex(to)
    time.sleep(int(ms) / 1000)
'

# A TCP knock is a connect that is ended before the kernel would send its SYN again, after 1 s.
shell_knock='
read -r host ms
[ "$ms" -ge 100 ] || ms=100
delay=$((ms / 1000)).$(printf %03d $((ms % 1000)))
if found=$(getent ahosts "$host" 2>/dev/null) && [ "$found" ]; then host=${found%% *}; fi
while read -r kind where payload; do
  if [ "$kind" = icmp ]; then
    command -v ping >/dev/null || exit 4
    set -- echo_request "$where"
  elif [ "$kind" = udp ]; then
    [ "$has_udp" ] || exit 7
    [ "$payload" ] || exit 8
    set -- datagram "$where" "$payload"
  else
    set -- syn "$where"
  fi
  "$@" </dev/null &
  sleep 0.1 || sleep 1
  kill "$!"
  [ "$ms" -eq 100 ] || sleep "$delay" || sleep 1
done
:'
echo_request='echo_request() { exec ping -n -c 1 -W 1 -s "$1" "$host"; }'

by_bash='
has_udp=yes
syn() { exec 3<>"/dev/tcp/$host/$1"; }
# Its printf writes line by line: cat gets it all, for one packet.
datagram() { printf "$2" | { sleep 0.02; exec cat; } >"/dev/udp/$host/$1"; }'

by_nc='
has_udp=$(nc -h 2>&1 | grep -E "^[[:space:]]*-u|\[-[0-9A-Za-z]*u")
syn() { exec nc -w 1 "$host" "$1"; }
datagram() { printf "$2" | nc -u -w 1 "$host" "$1"; }'

has() { command -v "$1" >/dev/null 2>&1; }

if has perl && perl -MSocket=getaddrinfo,getnameinfo -MIO::Handle -e 1 2>/dev/null; then
  tool=perl
elif has python3; then
  tool=python3
elif has bash; then
  tool=bash
elif has nc; then
  tool=nc
else
  tool=none
fi
# What is printed before may not end its line: the prompt of a shell, the title of a terminal.
say() { printf '\nknockproxy %s\n' "$*"; }

# By a builtin: mksh has no printf of its own.
case $(command -v printf) in
*/*) lines() { for line; do print -r -- "$line"; done; } ;;
*) lines() { printf '%s\n' "$@"; } ;;
esac

addresses() {
  say addresses $(getent ahosts "$1" 2>/dev/null | while read -r address kind _; do
    [ "$kind" = STREAM ] && echo "$address"
  done)
}

knock() {
  case $tool in
  perl) perl -MIO::Handle -e "$perl_knock" ;;
  python3) python3 -c "$python_knock" ;;
  bash) bash -c "$echo_request$by_bash$shell_knock" ;;
  nc) (eval "$echo_request$by_nc$shell_knock") ;;
  *) (exit 6) ;;
  esac >/dev/null 2>&1
  say "sent $?"
}

say "ready $tool"
