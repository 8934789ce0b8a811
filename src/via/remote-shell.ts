import { isIP } from 'node:net';
import script from './knock.sh';
import { addressesLine } from './knock-text.ts';
import { eachLine, SshProcess } from './ssh-process.ts';

/** What knock.sh says of itself and of a sequence. */
const READY = /^knockproxy ready (\w+)$/;
const SENT = /^knockproxy sent (\d+)$/;
const ADDRESSES = /^knockproxy addresses ?(.*)$/;

/** How knock.sh ended; 0: everything was sent. */
export type KnockStatus = number;

/** sh on the host of KnockVia, which sends the knocks. */
export class RemoteShell {
  /** Resolves with what sends the knocks there, or undefined if there is no shell. */
  readonly ready: Promise<string | undefined>;
  /** Resolves with the addresses that the host has there, the preferred one first; none where that is not known. */
  readonly addresses: Promise<readonly string[]>;
  readonly #ssh: SshProcess;
  readonly #statuses: ((status: KnockStatus | undefined) => void)[] = [];

  /** @param host whose addresses are wanted. */
  constructor(
    words: readonly string[],
    host: string,
    env: NodeJS.ProcessEnv,
    onLine: (line: string) => void,
  ) {
    this.#ssh = new SshProcess(words, { first: ['pipe', 'pipe'] }, env, onLine);
    const { stdin, stdout } = this.#ssh.child;
    let [setReady, setAddresses] = [(_: string | undefined) => {}, (_: readonly string[]) => {}];
    this.ready = new Promise((resolve) => {
      setReady = resolve;
    });
    this.addresses = new Promise((resolve) => {
      setAddresses = resolve;
    });
    eachLine(stdout!, (line) => {
      const [, tool] = READY.exec(line) ?? [];
      if (tool !== undefined) setReady(tool);
      const [, addresses] = ADDRESSES.exec(line) ?? [];
      if (addresses !== undefined) setAddresses(addresses.split(' ').filter((word) => isIP(word) > 0));
      const [, status] = SENT.exec(line) ?? [];
      if (status !== undefined) this.#statuses.shift()?.(Number(status));
    });
    this.exited.then(() => {
      setReady(undefined);
      setAddresses([]);
      for (const answer of this.#statuses.splice(0)) answer(undefined);
    });
    stdin!.write(script + addressesLine(host));
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

  /** Lets ssh outlive this process, but not the shell. */
  release(): void {
    this.#ssh.release();
  }

  /** Ends ssh, and with it everything that shares its connection. */
  end(): void {
    this.#ssh.end();
  }
}
