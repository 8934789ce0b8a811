import path from 'node:path';
import { fitsSocket } from '../coordination/stale-socket.ts';
import { runProgram } from '../processes/run-program.ts';
import { withTimeout } from '../util/clock.ts';
import { type Log, printable } from '../util/log.ts';
import { makePrivateSubfolder } from '../util/private-files.ts';
import { knockLine } from './knock-text.ts';
import { RemoteConnect } from './remote-connect.ts';
import { type KnockStatus, RemoteShell } from './remote-shell.ts';
import {
  configWords,
  connectWords,
  type PlainWords,
  plainWords,
  sharesConnection,
  shellWords,
  type Via,
} from './ssh-words.ts';
import type { PlannedSequence } from './via-plan.ts';

/** ssh adds a dot and 16 characters to the name while it makes the socket (mux.c: muxserver_listen). */
const TEMPORARY_SUFFIX = '.0123456789abcdef';
/** How long the host may take to send knocks, without the pauses between them, until it counts as gone. */
const STALLED_MS = 8000;
const CONFIG_LIMITS = { timeMs: 10_000, outputBytes: 1_000_000 };
/** What ssh says of a connect that failed, and of its master, in the words of channels.c and mux.c. */
const FOR_DEBUGGING =
  /^(debug\d: |channel \d+: open failed|stdio forwarding failed|mux_client_|Stdio forwarding request|ControlSocket )/i;

interface BastionOptions {
  /** The folder for the socket of the connection. */
  readonly folder: string;
  /** The host behind the door. */
  readonly host: string;
  /** Of the ssh processes. */
  readonly env: NodeJS.ProcessEnv;
  readonly report: Log;
}

/**
 * The host of KnockVia: one login there runs sh, which sends the knocks, and carries the connects. It shares the
 * connection that the host's ControlMaster has, else one of its own that ends with this login.
 */
export class Bastion {
  readonly #via: Via;
  readonly #options: BastionOptions;
  readonly #socket: string | undefined;
  readonly #shell: RemoteShell;
  readonly #connects: RemoteConnect[] = [];
  readonly #isShared: boolean;
  readonly #plain: PlainWords;
  #isReady = false;
  #fault: string | undefined;

  /** Starts to log in. */
  static async open(via: Via, options: BastionOptions): Promise<Bastion> {
    const ending = await runProgram(configWords(via), CONFIG_LIMITS);
    const printed = ending.how === 'exit' ? ending.output : '';
    return new Bastion(via, options, printed);
  }

  private constructor(via: Via, options: BastionOptions, printed: string) {
    this.#via = via;
    this.#options = options;
    this.#isShared = sharesConnection(printed);
    this.#socket = this.#isShared ? undefined : ownSocket(options.folder);
    this.#plain = plainWords(printed);
    const words = shellWords(via, this.#socket, this.#plain);
    this.#shell = new RemoteShell(words, options.host, options.env, this.#onLine);
    this.#shell.ready.then((tool) => {
      this.#isReady = tool !== undefined;
      // Its ssh may be the master of other sessions. The shell ends with this process in any case.
      if (this.#isShared && this.#isReady) this.#shell.release();
    });
  }

  /** The addresses of the host there, the preferred one first; none where that is not known. */
  get addresses(): Promise<readonly string[]> {
    return this.#shell.addresses;
  }

  /** What sends the knocks there: `perl`, `python3`, `bash`, `nc` or `none`; undefined: there is no shell. */
  get ready(): Promise<string | undefined> {
    return this.#shell.ready;
  }

  /** The exit status of its ssh; -1: a signal ended it, or it could not be started. undefined: it still runs. */
  get status(): Promise<number | undefined> {
    return withTimeout(this.#shell.exited, 0);
  }

  /** What ssh said of the last connect that failed. */
  get fault(): string | undefined {
    return this.#fault;
  }

  /** Sends a sequence once. @returns how knock.sh ended; undefined: the shell is gone, or does not answer. */
  knock(host: string, { steps, delayMs, tookMs }: PlannedSequence): Promise<KnockStatus | undefined> {
    return withTimeout(this.#shell.knock(knockLine(host, steps, delayMs)), STALLED_MS + tookMs);
  }

  connect(to: { readonly host: string; readonly port: number }): RemoteConnect {
    const words = connectWords(this.#via, this.#socket, this.#plain, to);
    const connect = new RemoteConnect(words, this.#options.env, this.#onLine);
    this.#connects.push(connect);
    return connect;
  }

  /** Ends the shell and all connects but one: it lasts until its server or this process ends it. */
  leave(kept: RemoteConnect): void {
    for (const connect of this.#connects) if (connect !== kept) connect.end();
    this.#shell.leave();
  }

  end(): void {
    for (const connect of this.#connects) connect.end();
    if (this.#isShared && this.#isReady) this.#shell.leave();
    else this.#shell.end();
  }

  readonly #onLine = (line: string) => {
    const text = line.trim();
    if (text === '') return;
    const { report } = this.#options;
    const said = `ssh ${printable(this.#via.host)}: ${text}`;
    if (!FOR_DEBUGGING.test(text)) return report.warning(said);
    report.debug(said);
    if (text.includes('open failed')) this.#fault = text.replace(/^.*open failed: (connect failed: )?/, '');
  };
}

/** @returns undefined where there is no room for a socket: then each ssh logs in there. */
function ownSocket(folder: string): string | undefined {
  const file = path.join(folder, `via-${process.pid}`);
  return makePrivateSubfolder(folder) && fitsSocket(file + TEMPORARY_SUFFIX) ? file : undefined;
}
