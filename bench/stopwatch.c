// Times a command from exec to exit, as its parent sees it.
//
//   stopwatch REPORT COMMAND [ARGUMENT ...]
//
// Writes one line of JSON to the file REPORT: wall-clock ms since the epoch of the exec and the exit, the CPU
// time of the command and of its children that it waited for (ms), their largest memory (KiB), and how it ended. SIGTERM kills
// the command.
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static pid_t child;

static void end_child(int signal) {
  (void)signal;
  kill(child, SIGKILL);
}

static double now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

static double ms(struct timeval t) {
  return t.tv_sec * 1e3 + t.tv_usec / 1e3;
}

int main(int argc, char **argv) {
  if (argc < 3) return 2;
  double *started = mmap(NULL, sizeof *started, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  child = fork();
  if (child == 0) {
    *started = now_ms();
    execvp(argv[2], argv + 2);
    _exit(127);
  }
  signal(SIGTERM, end_child);
  int status = 0;
  struct rusage used;
  while (wait4(child, &status, 0, &used) < 0) continue;
  double ended = now_ms();
  FILE *report = fopen(argv[1], "w");
  if (!report) return 2;
  int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  fprintf(report, "{\"startedMs\":%.4f,\"endedMs\":%.4f,\"userMs\":%.3f,\"systemMs\":%.3f,\"peakKiB\":%ld,\"code\":%d}\n",
          *started, ended, ms(used.ru_utime), ms(used.ru_stime), used.ru_maxrss, code);
  return fclose(report) == 0 ? 0 : 2;
}
