/*
 * Sends the packets described on stdin out of one interface, in order, as raw Ethernet frames.
 * Usage: send INTERFACE DESTINATION < packets
 * A line is: microseconds to wait first, source address, t or u, destination port, TCP flag byte in decimal.
 * Needs CAP_NET_RAW. Stays on one CPU, or a veth pair may reorder what it carries.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct frame {
  struct ether_header eth;
  struct iphdr ip;
  union {
    struct tcphdr tcp;
    struct udphdr udp;
  };
} __attribute__((packed));

/* Fills in everything but checksums, which pcap does not look at; returns the length. */
static size_t fill(struct frame *f, const char *from, const char *to, char protocol, int port, int flags) {
  size_t payload = protocol == 't' ? sizeof f->tcp : sizeof f->udp;
  memset(f, 0, sizeof *f);
  memset(&f->eth, 0xff, 6);
  f->eth.ether_type = htons(ETHERTYPE_IP);
  f->ip.version = 4;
  f->ip.ihl = 5;
  f->ip.ttl = 64;
  f->ip.tot_len = htons(sizeof f->ip + payload);
  f->ip.protocol = protocol == 't' ? IPPROTO_TCP : IPPROTO_UDP;
  inet_pton(AF_INET, from, &f->ip.saddr);
  inet_pton(AF_INET, to, &f->ip.daddr);
  f->tcp.source = htons(40000);
  f->tcp.dest = htons(port);
  if (protocol == 't') {
    f->tcp.doff = 5;
    f->tcp.th_flags = flags;
  } else {
    f->udp.len = htons(sizeof f->udp);
  }
  return sizeof f->eth + sizeof f->ip + payload;
}

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  cpu_set_t cpus;
  CPU_ZERO(&cpus);
  CPU_SET(sched_getcpu(), &cpus);
  sched_setaffinity(0, sizeof cpus, &cpus);

  int fd = socket(AF_PACKET, SOCK_RAW, 0);
  struct sockaddr_ll out = {.sll_family = AF_PACKET, .sll_ifindex = if_nametoindex(argv[1]), .sll_halen = 6};
  unsigned wait;
  int port, flags;
  char from[64], protocol;
  while (scanf("%u %63s %c %d %d", &wait, from, &protocol, &port, &flags) == 5) {
    struct frame f;
    if (wait) usleep(wait);
    size_t length = fill(&f, from, argv[2], protocol, port, flags);
    if (sendto(fd, &f, length, 0, (struct sockaddr *)&out, sizeof out) < 0) {
      perror("send");
      return 1;
    }
  }
  return 0;
}
