// The physical limit as a ProxyCommand: back-to-back knocks, a SYN every 2 ms from then on, the first
// connection that completes carries stdin and stdout. No configuration, no second try, no error handling.
//
//   limit ADDRESS PORT KNOCK[:tcp|:udp] ...        (IPv4)
//
// With the environment variable LIMIT_TIMES set it prints "knocked connected" (ms since the start of the
// process) to stderr.
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MAX_PROBES 2000

static double now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

static int dial(struct sockaddr_in *to, int port) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  to->sin_port = htons(port);
  connect(fd, (struct sockaddr *)to, sizeof *to);
  return fd;
}

static void knock(struct sockaddr_in *to, const char *step) {
  int port = atoi(step);
  if (!strstr(step, ":udp")) {
    close(dial(to, port));
    return;
  }
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  to->sin_port = htons(port);
  sendto(fd, "", 1, 0, (struct sockaddr *)to, sizeof *to);
  close(fd);
}

// Dials every 2 ms until one connect completes; closes the others.
static int connect_first(struct sockaddr_in *to, int port) {
  static struct pollfd probes[MAX_PROBES];
  int count = 0;
  double next = now_ms();
  while (1) {
    if (now_ms() >= next && count < MAX_PROBES) {
      probes[count++] = (struct pollfd){dial(to, port), POLLOUT, 0};
      next += 2;
    }
    poll(probes, count, 1);
    for (int i = 0; i < count; i++) {
      int error = 0;
      socklen_t size = sizeof error;
      if (!probes[i].revents) continue;
      getsockopt(probes[i].fd, SOL_SOCKET, SO_ERROR, &error, &size);
      if (error) {
        close(probes[i].fd);
        probes[i].fd = -1;
        continue;
      }
      for (int j = 0; j < count; j++)
        if (j != i && probes[j].fd >= 0) close(probes[j].fd);
      return probes[i].fd;
    }
  }
}

static int carry(int from, int to) {
  static char buffer[65536];
  ssize_t n = read(from, buffer, sizeof buffer);
  for (ssize_t done = 0; n > 0 && done < n;) {
    ssize_t w = write(to, buffer + done, n - done);
    if (w > 0) done += w;
    else if (errno == EAGAIN) poll(&(struct pollfd){to, POLLOUT, 0}, 1, -1);
    else return 0;
  }
  return n > 0;
}

int main(int argc, char **argv) {
  double start = now_ms();
  struct sockaddr_in to = {.sin_family = AF_INET};
  if (argc < 3 || !inet_pton(AF_INET, argv[1], &to.sin_addr)) return 2;
  for (int i = 3; i < argc; i++) knock(&to, argv[i]);
  double knocked = now_ms();
  int fd = connect_first(&to, atoi(argv[2]));
  if (getenv("LIMIT_TIMES")) fprintf(stderr, "%.2f %.2f\n", knocked - start, now_ms() - start);
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
  struct pollfd ends[2] = {{0, POLLIN, 0}, {fd, POLLIN, 0}};
  while (poll(ends, 2, -1) >= 0) {
    if (ends[1].revents && !carry(fd, 1)) break;
    if (ends[0].revents && !carry(0, fd)) {
      shutdown(fd, SHUT_WR);
      ends[0].fd = -1;
    }
  }
  return 0;
}
