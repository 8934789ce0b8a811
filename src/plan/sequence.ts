import { KnockproxyError } from '../util/errors.ts';
import { MAX_PORT } from '../util/text.ts';

export type Protocol = 'tcp' | 'udp';

/** One knock: a TCP SYN or a UDP packet to a port, or an ICMP echo request. */
export interface Step {
  /** 1-65535; 0 with icmp. */
  readonly port: number;
  readonly protocol: Protocol | 'icmp';
  /**
   * The payload of a UDP packet: `size=BYTES` zero bytes, `hex=DIGITS`, or `text=TEXT` with percent-encoding; undefined:
   * one zero byte, as knock(1) sends. Of an ICMP echo request only `size=BYTES`; undefined: 56 bytes, as ping(8) sends.
   */
  readonly data?: string;
  /** Builds the payload of each UDP packet; overrides `data`. */
  readonly payload?: () => Uint8Array;
}

/** A sequence and how to send it. */
export interface Sequence {
  readonly steps: readonly Step[];
  /** Pause between two knocks, if KnockDelay is set. */
  readonly delayMs?: number;
  /** The server's time limit for the whole sequence. */
  readonly sequenceTimeoutMs?: number;
  /** Whether there is a close sequence. */
  readonly closable?: boolean;
  /** The longest time from the last knock to the open door; undefined: as with knockd. */
  readonly slowestOpeningMs?: number;
  /** When its configuration was last changed, in ms since the epoch: what opened the door before may be another sequence. */
  readonly changedAt?: number;
}

/**
 * fwknopd polls for packets every 100 ms, then runs iptables: 18-207 ms from a packet to an open door were measured.
 */
export const SLOWEST_FWKNOPD_MS = 210;

/** knockd refuses sequences of 32 steps and more (knockd.c: SEQ_MAX). */
export const MAX_STEPS = 31;

/** What fits into one IPv4 packet: 65535 bytes less the headers of IP (20) and of ICMP or UDP (8). */
const MOST_DATA = 65_507;

/**
 * Reads a knock sequence: `port[:tcp|udp]`, tcp by default, `port:udp:DATA` or `icmp[:BYTES]`, separated by commas and/or
 * blanks, so that knockd.conf's form (`7000,8000:udp`) and knock(1)'s form (`7000 8000:udp`) both paste in.
 *
 * @returns 1-31 steps in order.
 * @throws KnockproxyError naming the step by its number only: a sequence is a secret even when it is wrong.
 */
export function parseSequence(text: string, defaultProtocol: Protocol = 'tcp'): Step[] {
  const trimmed = text.trim();
  if (trimmed === '') throw bad('the knock sequence is empty');
  const steps = trimmed
    .split(/\s*,\s*|\s+/)
    .map((step, index) => parseStep(step, index + 1, defaultProtocol));
  if (steps.length > MAX_STEPS) {
    throw bad(`the knock sequence has ${steps.length} steps; knockd accepts at most ${MAX_STEPS}`);
  }
  return steps;
}

/**
 * Whether a knock may complete a connection to an SSH server: one to port 22, or to the port that the sequence opens.
 * sshd 9.8 and later penalizes an address for connections without a login (PerSourcePenalties), and retries add up.
 *
 * @param port the hidden port, 1-65535.
 */
export function knocksOnSsh(steps: readonly Step[], port: number): boolean {
  return steps.some((step) => step.protocol === 'tcp' && (step.port === 22 || step.port === port));
}

/** The warning about such a sequence, without the number of a step. */
export const KNOCKS_ON_SSH = {
  text: 'the sequence knocks by TCP on port 22 or on the port that it opens: sshd counts that as a failed login and may ban your address',
  fix: 'use a sequence with other ports; see PerSourcePenalties in sshd_config(5)',
};

function parseStep(text: string, number: number, defaultProtocol: Protocol): Step {
  const wrong = (what: string) => bad(`step ${number} of the knock sequence${what}`);
  if (text === '') throw wrong(' is empty');
  const [, echo, size] = /^(icmp)(?::(.*))?$/i.exec(text) ?? [];
  if (echo !== undefined) {
    if (size !== undefined && !isData(`size=${size}`))
      throw wrong(`: the size is not a number from 0 to ${MOST_DATA}`);
    return { port: 0, protocol: 'icmp', ...(size !== undefined && { data: `size=${size}` }) };
  }
  const [port = '', word = defaultProtocol, ...rest] = text.split(':');
  const protocol = word.toLowerCase();
  if (!/^\d{1,9}$/.test(port) || Number(port) < 1 || Number(port) > MAX_PORT) {
    throw wrong(': the port is not a number from 1 to 65535');
  }
  if (protocol !== 'tcp' && protocol !== 'udp') throw wrong(': the protocol is neither tcp nor udp');
  if (rest.length === 0) return { port: Number(port), protocol };
  const data = rest.join(':');
  if (protocol === 'tcp') throw wrong(': only a udp step has a payload');
  if (!isData(data)) throw wrong(': the payload is not size=BYTES, hex=DIGITS or text=TEXT');
  return { port: Number(port), protocol, data };
}

/** In a text, what separates steps or has a meaning in ssh_config is percent-encoded. */
const DATA = /^(?:size=(\d{1,5})|hex=(?:[\da-f]{2})+|text=(?:[^\s,"'%\\]|%[\da-f]{2})+)$/i;

function isData(text: string): boolean {
  const found = DATA.exec(text);
  return found !== null && Number(found[1] ?? 0) <= MOST_DATA;
}

/** Whether the step is one that knockd does not see: it reads TCP and UDP headers only. */
export function isBeyondKnockd({ protocol, data }: Step): boolean {
  return protocol === 'icmp' || data !== undefined;
}

function bad(message: string): KnockproxyError {
  return new KnockproxyError(message, {
    exitCode: 2,
    hints: [
      'a sequence has the form PORT[:tcp|udp],PORT[:tcp|udp],...; for ICMP and payloads see knock_config(5)',
    ],
  });
}
