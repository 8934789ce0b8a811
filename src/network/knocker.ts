import type dgram from 'node:dgram';
import net from 'node:net';
import type { Knock } from '../plan/attempt.ts';
import type { Step } from '../plan/sequence.ts';
import { nowMs, sleep } from '../util/clock.ts';
import type { Pinger } from './pinger.ts';
import type { Target } from './resolve.ts';
import { SYN_LIFETIME_MS } from './syn-lifetime.ts';
import { createUdpSocket } from './udp.ts';

/** A knock over UDP is one zero byte, as knock(1) sends it. */
const ZERO_BYTE = Buffer.alloc(1);

/** Sends knocks to one address, each exactly once and in order. Close it when the login ends. */
export class Knocker {
  readonly #target: Omit<Target, 'port'>;
  #udp: Promise<dgram.Socket> | undefined;
  #pinger: Promise<Pinger> | undefined;
  readonly #pending = new Set<net.Socket>();

  constructor(target: Omit<Target, 'port'>) {
    this.#target = target;
  }

  /**
   * Sends one knock. Resolves when the packet is in the kernel.
   *
   * @throws KnockproxyError naming the step by its number when this machine refuses to send.
   */
  async send({ step, number }: Knock): Promise<void> {
    const pinger = this.#pinger && (await this.#pinger);
    const error =
      step.protocol === 'tcp'
        ? await this.#sendSyn(step.port)
        : step.protocol === 'udp'
          ? await this.#sendDatagram(step)
          : await pinger!.send(step);
    if (error !== undefined && isRefusal(error)) {
      const { sendRefused } = await import('./send-refusal.ts');
      throw sendRefused(error, number, this.#target);
    }
  }

  /** Sends the knocks of an attempt at their times. @throws as send(); the signal's reason when it aborts. */
  async sendAll(knocks: readonly Knock[], signal?: AbortSignal): Promise<void> {
    this.prepare(knocks);
    const startMs = nowMs();
    for (const knock of knocks) {
      await sleep(startMs + knock.atMs - nowMs(), signal);
      signal?.throwIfAborted();
      await this.send(knock);
    }
  }

  /** Resolves when all TCP knocks are answered, after `ms`, or when the signal aborts. */
  async answered(ms: number, signal?: AbortSignal): Promise<void> {
    const endMs = nowMs() + ms;
    while (this.#pending.size > 0 && nowMs() < endMs && !signal?.aborted) {
      await sleep(10);
    }
  }

  close(): void {
    for (const socket of this.#pending) socket.destroy();
    this.#udp?.then(
      (socket) => socket.close(),
      () => {},
    );
    this.#udp = undefined;
  }

  /** Opens the UDP socket in advance, so that the first datagram is not delayed, and looks for ping(8). */
  prepare(knocks: readonly Knock[]): void {
    if (knocks.some(({ step }) => step.protocol === 'icmp')) {
      this.#pinger ??= import('./pinger.ts').then(({ openPinger }) => openPinger(this.#target));
      this.#pinger.catch(() => {});
    }
    if (!knocks.some(({ step }) => step.protocol === 'udp')) return;
    this.#udp ??= openUdp(this.#target);
    // An error is reported by send().
    this.#udp.catch(() => {});
  }

  /**
   * Resolves with the error that connect(2) returned at once; later answers do not matter. The socket is kept until the
   * SYN is answered, because mobile carriers that proxy TCP forward a SYN only if the handshake goes on.
   */
  async #sendSyn(port: number): Promise<string | undefined> {
    const { address, knockAddress = address, localAddress } = this.#target;
    const socket = net.connect({
      host: knockAddress,
      port,
      autoSelectFamily: false,
      ...(localAddress !== undefined && { localAddress }),
    });
    let immediateError: string | undefined;
    const timer = setTimeout(() => socket.destroy(), SYN_LIFETIME_MS);
    this.#pending.add(socket);
    socket.on('connect', () => socket.destroy());
    socket.on('error', (error: NodeJS.ErrnoException) => {
      immediateError = error.code;
    });
    socket.on('close', () => {
      clearTimeout(timer);
      this.#pending.delete(socket);
    });
    // net calls connect(2) in an earlier tick; its immediate error arrives one tick later.
    await new Promise<void>(process.nextTick);
    await new Promise<void>(process.nextTick);
    return immediateError;
  }

  async #sendDatagram({ port, payload, data }: Step): Promise<string | undefined> {
    this.#udp ??= openUdp(this.#target);
    const socket = await this.#udp;
    const bytes = data === undefined ? ZERO_BYTE : (await import('../plan/step-data.ts')).bytesOf(data);
    return new Promise((resolve) => {
      socket.send(payload?.() ?? bytes, port, this.#target.knockAddress ?? this.#target.address, (error) => {
        resolve((error as NodeJS.ErrnoException | null)?.code);
      });
    });
  }
}

/** Opens and binds a UDP socket. */
function openUdp({ family, localAddress }: Omit<Target, 'port'>): Promise<dgram.Socket> {
  return new Promise((resolve, reject) => {
    const socket = createUdpSocket(family);
    socket.on('error', async ({ code = '' }: NodeJS.ErrnoException) => {
      const { bindRefused } = await import('./send-refusal.ts');
      reject(bindRefused(code, localAddress));
    });
    socket.bind({ port: 0, ...(localAddress !== undefined && { address: localAddress }) }, () =>
      resolve(socket),
    );
  });
}

/** Whether this machine, not the network, refused a packet. */
function isRefusal(code: string): boolean {
  return code !== 'ECONNREFUSED';
}
