/*
 * wire: an Ethernet cable with faults, between two network namespaces.
 *
 *   wire CLIENT_NETNS_PATH SERVER_NETNS_PATH SEED
 *
 * Makes a TAP device `eth0` in each namespace and carries frames between them. Ends when stdin ends. Commands, one a
 * line on stdin; each is answered with one line of JSON. Direction 0 is client to server, 1 is server to client.
 *
 *   set DIR DELAY_MS JITTER_MS LOSS_PCT DUP_PCT    delay + uniform [0, jitter] for each frame on its own: they reorder
 *   drop DIR PROTO PORT COUNT                      lose the next COUNT frames of IP protocol PROTO to this port
 *   stats                                          counters of both directions
 *
 * Fate n of a direction depends on the seed and n alone: four draws for each frame, whatever the settings.
 * ARP and IPv6 neighbour discovery are never lost, doubled or jittered, and use up no draws.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define MAX_FRAME 65536
#define MAX_DROPS 64

struct frame {
  uint64_t due_ns, seq;
  int dir, len;
  unsigned char data[];
};

struct direction {
  double delay_ms, jitter_ms, loss, dup; /* loss and dup: probability 0..1 */
  uint64_t rng, delivered_seq;
  uint64_t in, out, lost, dropped, doubled, exempt, reordered, late_max_ns;
};

struct drop {
  int dir, proto, port;
  long left;
};

static int taps[2], timer_fd; /* taps[d]: where frames of direction d come in; they leave at taps[!d] */
static struct direction dirs[2];
static struct drop drops[MAX_DROPS];
static struct frame **heap;
static size_t heap_len, heap_cap;
static uint64_t next_seq = 1, armed_ns;

static void die(const char *what) {
  fprintf(stderr, "wire: %s: %s\n", what, strerror(errno));
  exit(1);
}

static uint64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static uint64_t mix(uint64_t z) {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

/* splitmix64: uniform in [0, 1) */
static double draw(struct direction *d) {
  return (double)(mix(d->rng += 0x9e3779b97f4a7c15u) >> 11) / 9007199254740992.0;
}

static int tap_open(const char *netns) {
  int ns = open(netns, O_RDONLY | O_CLOEXEC);
  if (ns < 0 || setns(ns, CLONE_NEWNET) < 0) die(netns);
  close(ns);
  int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) die("/dev/net/tun");
  struct ifreq request = {.ifr_flags = IFF_TAP | IFF_NO_PI};
  strcpy(request.ifr_name, "eth0");
  if (ioctl(fd, TUNSETIFF, &request) < 0) die("TUNSETIFF");
  return fd;
}

static int before(const struct frame *a, const struct frame *b) {
  return a->due_ns != b->due_ns ? a->due_ns < b->due_ns : a->seq < b->seq;
}

static void heap_push(struct frame *f) {
  if (heap_len == heap_cap) {
    heap_cap = heap_cap ? heap_cap * 2 : 1024;
    heap = realloc(heap, heap_cap * sizeof *heap);
    if (!heap) die("memory");
  }
  size_t i = heap_len++;
  for (; i && before(f, heap[(i - 1) / 2]); i = (i - 1) / 2) heap[i] = heap[(i - 1) / 2];
  heap[i] = f;
}

static struct frame *heap_pop(void) {
  struct frame *top = heap[0], *last = heap[--heap_len];
  size_t i = 0;
  for (size_t kid; (kid = 2 * i + 1) < heap_len; i = kid) {
    if (kid + 1 < heap_len && before(heap[kid + 1], heap[kid])) kid++;
    if (!before(heap[kid], last)) break;
    heap[i] = heap[kid];
  }
  if (heap_len) heap[i] = last;
  return top;
}

/* ARP, IPv6 neighbour discovery, and MLD (the only user of hop-by-hop options here) */
static int is_link_layer(const unsigned char *p, int len) {
  int type = len < 14 ? 0 : p[12] << 8 | p[13];
  if (type == 0x0806) return 1;
  if (type != 0x86dd || len < 55) return 0;
  return p[20] == 0 || (p[20] == 58 && p[54] >= 133 && p[54] <= 137);
}

static int wanted_drop(int dir, const unsigned char *p, int len) {
  int type = len < 14 ? 0 : p[12] << 8 | p[13], proto = 0, at = 0;
  if (type == 0x0800 && len >= 34) proto = p[23], at = 14 + (p[14] & 15) * 4;
  if (type == 0x86dd && len >= 54) proto = p[20], at = 54;
  if ((proto != 6 && proto != 17) || len < at + 4) return 0;
  int port = p[at + 2] << 8 | p[at + 3];
  for (struct drop *d = drops; d < drops + MAX_DROPS; d++)
    if (d->left > 0 && d->dir == dir && d->proto == proto && d->port == port) return d->left--, 1;
  return 0;
}

static void enqueue(int dir, const unsigned char *data, int len, uint64_t due_ns) {
  struct frame *f = malloc(sizeof *f + (size_t)len);
  if (!f) die("memory");
  *f = (struct frame){.due_ns = due_ns, .seq = next_seq++, .dir = dir, .len = len};
  memcpy(f->data, data, (size_t)len);
  heap_push(f);
}

static void take(int dir, const unsigned char *data, int len) {
  struct direction *d = &dirs[dir];
  uint64_t due_ns = now_ns() + (uint64_t)(d->delay_ms * 1e6);
  if (is_link_layer(data, len)) {
    d->exempt++;
    enqueue(dir, data, len, due_ns);
    return;
  }
  d->in++;
  double loss = draw(d), dup = draw(d), jitter = draw(d), dup_jitter = draw(d);
  if (wanted_drop(dir, data, len)) {
    d->dropped++;
  } else if (loss < d->loss) {
    d->lost++;
  } else {
    enqueue(dir, data, len, due_ns + (uint64_t)(jitter * d->jitter_ms * 1e6));
    if (dup >= d->dup) return;
    d->doubled++;
    enqueue(dir, data, len, due_ns + (uint64_t)(dup_jitter * d->jitter_ms * 1e6));
  }
}

static void read_tap(int dir) {
  static unsigned char buffer[MAX_FRAME];
  for (int i = 0; i < 64; i++) {
    ssize_t len = read(taps[dir], buffer, sizeof buffer);
    if (len <= 0) return;
    take(dir, buffer, (int)len);
  }
}

static void deliver_due(void) {
  uint64_t now = now_ns();
  while (heap_len && heap[0]->due_ns <= now) {
    struct frame *f = heap_pop();
    struct direction *d = &dirs[f->dir];
    if (now - f->due_ns > d->late_max_ns) d->late_max_ns = now - f->due_ns;
    if (f->seq < d->delivered_seq) d->reordered++;
    else d->delivered_seq = f->seq;
    if (write(taps[!f->dir], f->data, (size_t)f->len) == f->len) d->out++;
    free(f);
  }
  uint64_t due_ns = heap_len ? heap[0]->due_ns : 0;
  if (due_ns == armed_ns) return;
  armed_ns = due_ns;
  struct itimerspec at = {.it_value = {(time_t)(due_ns / 1000000000u), (long)(due_ns % 1000000000u)}};
  timerfd_settime(timer_fd, TFD_TIMER_ABSTIME, &at, NULL);
}

static void print_stats(void) {
  printf("{");
  for (int i = 0; i < 2; i++) {
    struct direction *d = &dirs[i];
    printf("%s\"%s\":{\"in\":%lu,\"out\":%lu,\"lost\":%lu,\"dropped\":%lu,\"doubled\":%lu,\"exempt\":%lu,"
           "\"reordered\":%lu,\"lateMaxMs\":%.3f}", i ? "," : "", i ? "toClient" : "toServer", d->in, d->out, d->lost,
           d->dropped, d->doubled, d->exempt, d->reordered, (double)d->late_max_ns / 1e6);
  }
  printf("}\n");
}

static void add_drop(struct drop wanted) {
  for (struct drop *d = drops; d < drops + MAX_DROPS; d++)
    if (d->left <= 0) {
      *d = wanted;
      printf("{}\n");
      return;
    }
  printf("{\"error\":\"too many drops\"}\n");
}

static void command(const char *line) {
  int dir, proto, port;
  long count;
  double delay, jitter, loss, dup;
  if (sscanf(line, "set %d %lf %lf %lf %lf", &dir, &delay, &jitter, &loss, &dup) == 5 && (dir & ~1) == 0) {
    struct direction *d = &dirs[dir];
    d->delay_ms = delay, d->jitter_ms = jitter, d->loss = loss / 100, d->dup = dup / 100;
    printf("{}\n");
  } else if (sscanf(line, "drop %d %d %d %ld", &dir, &proto, &port, &count) == 4 && (dir & ~1) == 0) {
    add_drop((struct drop){dir, proto, port, count});
  } else if (!strncmp(line, "stats", 5)) {
    print_stats();
  } else {
    printf("{\"error\":\"bad command\"}\n");
  }
  fflush(stdout);
}

/* 0 when stdin has ended */
static int read_commands(void) {
  static char buffer[4096];
  static size_t used;
  ssize_t got = read(0, buffer + used, sizeof buffer - 1 - used);
  if (got <= 0) return 0;
  used += (size_t)got;
  buffer[used] = 0;
  char *line = buffer, *end;
  for (; (end = strchr(line, '\n')); line = end + 1) {
    *end = 0;
    command(line);
  }
  used = strlen(line);
  memmove(buffer, line, used);
  return 1;
}

static void watch(int epoll, int fd) {
  struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
  if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) < 0) die("epoll_ctl");
}

int main(int argc, char **argv) {
  if (argc != 4) return fprintf(stderr, "usage: wire CLIENT_NETNS SERVER_NETNS SEED\n"), 2;
  uint64_t seed = strtoull(argv[3], NULL, 10);
  for (int i = 0; i < 2; i++) dirs[i].rng = mix(seed * 2 + (uint64_t)i + 1); /* streams far apart */
  if (sched_setscheduler(0, SCHED_FIFO, &(struct sched_param){.sched_priority = 1}) < 0)
    setpriority(PRIO_PROCESS, 0, -20); /* without either a busy machine adds milliseconds */
  for (int i = 0; i < 2; i++) taps[i] = tap_open(argv[1 + i]);
  timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  int epoll = epoll_create1(EPOLL_CLOEXEC);
  if (timer_fd < 0 || epoll < 0) die("epoll");
  watch(epoll, 0), watch(epoll, taps[0]), watch(epoll, taps[1]), watch(epoll, timer_fd);
  printf("{\"seed\":%lu}\n", seed);
  fflush(stdout);
  for (;;) {
    struct epoll_event events[4];
    int n = epoll_wait(epoll, events, 4, -1);
    if (n < 0 && errno != EINTR) die("epoll_wait");
    for (int i = 0; i < n; i++) {
      int fd = events[i].data.fd;
      uint64_t ticks;
      if (fd == 0 && !read_commands()) return 0;
      if (fd == taps[0]) read_tap(0);
      if (fd == taps[1]) read_tap(1);
      if (fd == timer_fd && read(timer_fd, &ticks, sizeof ticks) > 0) armed_ns = 0;
    }
    deliver_due();
  }
}
