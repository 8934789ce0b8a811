import { EventEmitter, once } from 'node:events';
import net from 'node:net';
import { Attempts, type Step } from './attempts.ts';
import { freeTargetPort } from './free-port.ts';
import { KnockPort } from './knock-port.ts';

export interface DoorOptions {
  /** The secret sequence; port 0 stands for any free one. */
  steps: readonly Step[];
  /** The address everything listens on; default 127.0.0.1. */
  host?: string;
  /** The port behind the door; default: any free one. */
  targetPort?: number;
  /** The time allowed from the first knock to the last, in ms; default 5000. */
  sequenceMs?: number;
  /** How long the target port listens after the last knock, in ms; default 5000. */
  openMs?: number;
}

/** A knock as the door saw it. */
export interface Knock extends Step {
  /** The source address. */
  from: string;
  /** Which step it fulfilled, from 1; 0 for a knock that was not awaited. */
  step: number;
}

interface DoorEvents {
  knock: [knock: Knock];
  /** `from` knocked right, and the target port listens. */
  open: [from: string];
  /** Nothing listens on the target port any more; connections made before live on. */
  shut: [];
  /** Somebody came in; the listener owns the socket. Without a listener the door closes it. */
  connection: [socket: net.Socket];
  error: [error: Error];
}

/**
 * A userspace knock server. While it is shut nothing listens on the target port, so a connect is refused (a firewall
 * would drop it). It needs no root, because it does not watch packets as knockd does: a TCP knock is an accepted
 * connection, which is closed at once, and a UDP knock is a received datagram.
 *
 * Each knock port is a listener of its own, and when several are ready in one turn of the event loop, nothing promises
 * that they are reported in the order of arrival (Linux does so, as far as tried). Leave some ms between knocks.
 */
export class DemoDoor extends EventEmitter<DoorEvents> {
  readonly host: string;
  #options: DoorOptions;
  #steps: Step[] = [];
  #attempts: Attempts;
  #ports = new Map<number, KnockPort>();
  #targetPort = 0;
  #target: net.Server | undefined;
  #opening: Promise<void> | undefined;
  #guests = new Map<string, NodeJS.Timeout>();
  #sockets = new Set<net.Socket>();

  constructor(options: DoorOptions) {
    super();
    this.#options = options;
    this.#attempts = new Attempts(this.#steps, options.sequenceMs ?? 5000);
    this.host = options.host ?? '127.0.0.1';
  }

  /** The port behind the door; known after `start`. */
  get targetPort(): number {
    return this.#targetPort;
  }

  /** The steps with their real ports, as the value of the keyword KnockSequence; known after `start`. */
  get sequence(): string {
    return this.#steps.map(({ protocol, port }) => (protocol === 'tcp' ? port : `${port}:udp`)).join(',');
  }

  /** Whether the target port listens. */
  get isOpen(): boolean {
    return this.#target !== undefined;
  }

  /** Binds the knock ports. Rejects with the error of `bind` if a given port is taken. */
  async start(): Promise<void> {
    this.#targetPort = this.#options.targetPort ?? (await freeTargetPort(this.host));
    for (const { protocol, port } of this.#options.steps) {
      this.#steps.push({ protocol, port: this.#ports.has(port) ? port : await this.#bind(port) });
    }
  }

  /** Closes the listeners and every connection that came through. */
  async stop(): Promise<void> {
    await this.#opening;
    for (const from of this.#guests.keys()) this.#expel(from);
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all([...this.#ports.values()].map((port) => port.close()));
    this.#ports.clear();
  }

  async #bind(port: number): Promise<number> {
    const bound = await KnockPort.bind(this.host, port, (step, from) => this.#knocked(step, from));
    this.#ports.set(bound.port, bound);
    return bound.port;
  }

  #knocked(knock: Step, from: string): void {
    const step = this.#attempts.knock(from, knock, performance.now());
    this.emit('knock', { ...knock, from, step });
    if (step < this.#steps.length) return;
    this.#opening = this.#admit(from).catch((error) => void this.emit('error', error));
  }

  /** Lets `from` in for `openMs`, counted from now. */
  async #admit(from: string): Promise<void> {
    clearTimeout(this.#guests.get(from));
    this.#guests.set(
      from,
      setTimeout(() => this.#expel(from), this.#options.openMs ?? 5000),
    );
    this.#target ??= net
      .createServer((socket) => this.#connected(socket))
      .listen(this.#targetPort, this.host);
    if (!this.#target.listening) await once(this.#target, 'listening');
    this.emit('open', from);
  }

  #expel(from: string): void {
    clearTimeout(this.#guests.get(from));
    this.#guests.delete(from);
    if (this.#guests.size > 0) return;
    this.#target?.close();
    this.#target = undefined;
    this.emit('shut');
  }

  #connected(socket: net.Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    const invited = this.#guests.has(socket.remoteAddress ?? '');
    if (!invited || !this.emit('connection', socket)) socket.resetAndDestroy();
  }
}
