// Both ends of a throughput measurement, without a cipher between them.
//
//   transfer serve PORT BYTES
//       Greets each connection with one byte, then does what its first byte asks for: 'd' (down) sends BYTES
//       bytes, 'u' (up) takes BYTES bytes and answers with one.
//   transfer carry direct|pipe|fdpass d|u BYTES ADDRESS PORT [COMMAND ...]
//       Takes ssh's part: connects itself, runs COMMAND between two pipes, or takes a descriptor from it, as
//       ssh does for ProxyCommand and ProxyUseFdpass. Prints JSON: ms from greeting to last byte, and the CPU
//       time (ms) and largest memory (KiB) of COMMAND.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char buffer[256 * 1024];

static void must(int ok, const char *what) {
  if (ok) return;
  perror(what);
  exit(1);
}

static double now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

static void send_bytes(int fd, long long left) {
  while (left > 0) {
    size_t part = left < (long long)sizeof buffer ? (size_t)left : sizeof buffer;
    ssize_t n = write(fd, buffer, part);
    must(n > 0, "write");
    left -= n;
  }
}

static void take_bytes(int fd, long long left) {
  while (left > 0) {
    size_t part = left < (long long)sizeof buffer ? (size_t)left : sizeof buffer;
    ssize_t n = read(fd, buffer, part);
    must(n > 0, "read");
    left -= n;
  }
}

static struct sockaddr_in address_of(const char *ip, const char *port) {
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(atoi(port))};
  must(inet_pton(AF_INET, ip, &a.sin_addr) == 1, "address");
  return a;
}

static int serve(const char *port, long long bytes) {
  struct sockaddr_in a = address_of("0.0.0.0", port);
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
  must(bind(listener, (struct sockaddr *)&a, sizeof a) == 0 && listen(listener, 16) == 0, "listen");
  signal(SIGCHLD, SIG_IGN);
  puts("listening");
  fflush(stdout);
  for (;;) {
    int fd = accept(listener, NULL, NULL);
    if (fork() == 0) {
      char direction;
      send_bytes(fd, 1);
      must(read(fd, &direction, 1) == 1, "direction");
      if (direction == 'd') send_bytes(fd, bytes);
      else take_bytes(fd, bytes), send_bytes(fd, 1);
      _exit(0);
    }
    close(fd);
  }
}

static pid_t start(char **command, int in, int out) {
  pid_t pid = fork();
  if (pid != 0) return pid;
  dup2(in, 0);
  dup2(out, 1);
  signal(SIGPIPE, SIG_DFL);
  execvp(command[0], command);
  _exit(127);
}

static int receive_descriptor(int from) {
  char byte, space[CMSG_SPACE(sizeof(int))];
  struct iovec part = {&byte, 1};
  struct msghdr m = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = space, .msg_controllen = sizeof space};
  must(recvmsg(from, &m, 0) == 1 && CMSG_FIRSTHDR(&m), "recvmsg");
  return *(int *)CMSG_DATA(CMSG_FIRSTHDR(&m));
}

// Fills `ends` with the descriptors to read from and to write to; returns the helper's pid or 0.
static pid_t reach(const char *way, char **argv, int ends[2]) {
  if (strcmp(way, "direct") == 0) {
    struct sockaddr_in a = address_of(argv[0], argv[1]);
    ends[0] = ends[1] = socket(AF_INET, SOCK_STREAM, 0);
    must(connect(ends[0], (struct sockaddr *)&a, sizeof a) == 0, "connect");
    return 0;
  }
  int to[2], from[2];
  if (strcmp(way, "fdpass") == 0) {
    must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, to) == 0, "socketpair");
    pid_t pid = start(argv + 2, to[1], to[1]);
    ends[0] = ends[1] = receive_descriptor(to[0]);
    fcntl(ends[0], F_SETFL, 0); // it comes non-blocking
    return pid;
  }
  must(pipe2(to, O_CLOEXEC) == 0 && pipe2(from, O_CLOEXEC) == 0, "pipe");
  pid_t pid = start(argv + 2, to[0], from[1]);
  close(to[0]);
  close(from[1]);
  ends[0] = from[0];
  ends[1] = to[1];
  return pid;
}

static int carry(char **argv) {
  long long bytes = atoll(argv[2]);
  int ends[2], status;
  struct rusage used = {0};
  pid_t helper = reach(argv[0], argv + 3, ends);
  take_bytes(ends[0], 1);
  double started = now_ms();
  must(write(ends[1], argv[1], 1) == 1, "write");
  if (argv[1][0] == 'u') send_bytes(ends[1], bytes), take_bytes(ends[0], 1);
  else take_bytes(ends[0], bytes);
  double ended = now_ms();
  close(ends[1]);
  if (helper) {
    kill(helper, SIGHUP);
    wait4(helper, &status, 0, &used);
  }
  double cpu = (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e3 + (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e3;
  printf("{\"ms\":%.3f,\"cpuMs\":%.1f,\"peakKiB\":%ld}\n", ended - started, cpu, used.ru_maxrss);
  return 0;
}

int main(int argc, char **argv) {
  signal(SIGPIPE, SIG_IGN);
  if (argc == 4 && strcmp(argv[1], "serve") == 0) return serve(argv[2], atoll(argv[3]));
  if (argc >= 7 && strcmp(argv[1], "carry") == 0) return carry(argv + 2);
  return 2;
}
