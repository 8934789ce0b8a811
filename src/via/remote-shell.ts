import script from './knock.sh';
import { eachLine, SshProcess } from './ssh-process.ts';

/** What knock.sh says of itself and of a sequence. */
const READY = /^knockproxy ready (\w+)$/;
const SENT = /^knockproxy sent (\d+)$/;

/** How knock.sh ended; 0: everything was sent. */
export type KnockStatus = number;

/** sh on the host of KnockVia, which sends the knocks. */
export class RemoteShell {
  /** Resolves with what sends the knocks there, or undefined if there is no shell. */
  readonly ready: Promise<string | undefined>;
  readonly #ssh: SshProcess;
  readonly #statuses: ((status: KnockStatus | undefined) => void)[] = [];

  constructor(words: readonly string[], env: NodeJS.ProcessEnv, onLine: (line: string) => void) {
    this.#ssh = new SshProcess(words, { first: ['pipe', 'pipe'] }, env, onLine);
    const { stdin, stdout } = this.#ssh.child;
    this.ready = new Promise((resolve) => {
      eachLine(stdout!, (line) => {
        const [, tool] = READY.exec(line) ?? [];
        if (tool !== undefined) resolve(tool);
        const [, status] = SENT.exec(line) ?? [];
        if (status !== undefined) this.#statuses.shift()?.(Number(status));
      });
      this.exited.then(() => {
        resolve(undefined);
        for (const answer of this.#statuses.splice(0)) answer(undefined);
      });
    });
    stdin!.write(script);
  }

  get exited(): Promise<number> {
    return this.#ssh.exited;
  }

  /** @returns how it ended; undefined: the shell is gone. */
  knock(line: string): Promise<KnockStatus | undefined> {
    return new Promise((resolve) => {
      this.#statuses.push(resolve);
      if (this.#ssh.isRunning) this.#ssh.child.stdin!.write(line);
      else resolve(undefined);
    });
  }

  /** Ends the shell. The connection to the host lasts as long as others use it. */
  leave(): void {
    this.#ssh.child.stdin!.end();
  }

  /** Ends ssh, and with it everything that shares its connection. */
  end(): void {
    this.#ssh.end();
  }
}
