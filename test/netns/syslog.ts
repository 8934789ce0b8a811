import { Daemon } from './daemon.ts';
import type { Host } from './host.ts';

/** $1 is the socket, $2 the log. Node has no datagram sockets of this kind. */
const RECEIVER = `
import re, socket, sys
log = open(sys.argv[2], "a", buffering=1)
receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
receiver.bind(sys.argv[1])
print("listening", flush=True)
while True:
    line = receiver.recv(65536).decode(errors="replace").rstrip("\\0\\n")
    log.write(re.sub(r"^<\\d+>(\\w{3} [ \\d]\\d [\\d:]{8}) ", r"\\1 server ", line) + "\\n")
`;

/** A syslog daemon of the bed's own, which writes the lines that rsyslogd writes to auth.log. Needs python3. */
export class Syslog {
  private constructor(
    private readonly daemon: Daemon,
    /** What stands for /dev/log. */
    readonly socketPath: string,
    readonly logPath: string,
  ) {}

  static async start(host: Host, base: string): Promise<Syslog> {
    const paths = [`${base}.socket`, `${base}.auth.log`] as const;
    const argv = ['/usr/bin/python3', '-c', RECEIVER, ...paths] as const;
    const ready = (output: string) => output.includes('listening');
    return new Syslog(await Daemon.start(host, [...argv], `${base}.log`, ready), ...paths);
  }

  stop(): Promise<void> {
    return this.daemon.stop();
  }
}
