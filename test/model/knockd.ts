/**
 * What knockd 0.8 remembers and does at each packet, as a pure function.
 *
 * Facts are from src/knockd.c of knock 0.8 (functions named below) and are held against the real
 * daemon, line of its debug log by line, in knockd-oracle.test.ts. Not modelled: `target`, IPv6,
 * one_time_sequences and SIGHUP.
 */

export type Protocol = 'tcp' | 'udp';
export type TcpFlag = 'fin' | 'syn' | 'rst' | 'psh' | 'ack' | 'urg';

export interface Step {
  readonly port: number;
  readonly protocol: Protocol;
}

export interface Door {
  readonly name: string;
  /** 1 to 32 steps (SEQ_MAX). */
  readonly sequence: readonly Step[];
  /** Whole seconds, knockd's default is 25 (SEQ_TIMEOUT). */
  readonly seqTimeoutS: number;
  /** As in knockd.conf; all must hold for a TCP packet. Without it any TCP packet counts. */
  readonly tcpflags?: readonly (TcpFlag | `!${TcpFlag}`)[];
}

export interface Packet extends Step {
  /** Wall-clock time of the packet itself, not of the batch it is delivered in. */
  readonly atMs: number;
  readonly source: string;
  /** Flags of a TCP packet; a plain SYN if left out. */
  readonly flags?: readonly TcpFlag[];
}

/** One source's progress through one door; `stage` steps are done, -1 after a wrong packet. */
export interface Attempt {
  readonly source: string;
  readonly door: Door;
  readonly stage: number;
  readonly startedS: number;
}

export type KnockdEvent =
  | { readonly kind: 'completed' | 'failed'; readonly source: string }
  | {
      readonly kind: 'timeout' | 'stage';
      readonly source: string;
      readonly door: string;
      readonly stage: number;
    }
  | { readonly kind: 'open'; readonly source: string; readonly door: string };

export interface Reaction {
  readonly attempts: readonly Attempt[];
  readonly events: readonly KnockdEvent[];
}

/**
 * One packet seen by knockd: attempts of every source before it -> attempts after it and what was logged.
 * A packet that no door asks for never reaches knockd and changes nothing, not even clean-up.
 */
export function receive(doors: readonly Door[], attempts: readonly Attempt[], packet: Packet): Reaction {
  if (!isCaptured(doors, packet)) return { attempts, events: [] };
  const events: KnockdEvent[] = [];
  const live = cleanUp(attempts, packet, events);
  const own = live.some((attempt) => attempt.source === packet.source);
  if (!own) return { attempts: [...live, ...begin(doors, packet, events)], events };
  const next = live.map((a) => (a.source === packet.source ? advance(a, packet, events) : a));
  return { attempts: next, events };
}

/** The filter knockd gives to pcap: each door's ports, its TCP ports with its flags (generate_pcap_filter). */
export function isCaptured(doors: readonly Door[], packet: Packet): boolean {
  return doors.some((door) => flagsMatch(door, packet) && door.sequence.some((step) => isStep(packet, step)));
}

/**
 * First thing at any source's packet (sniff): completed, failed and expired attempts of every source leave.
 * When the oldest attempt in the list is one of them, the whole list goes with it, whoever owns the rest: the
 * list's head is taken to be its only element. Age is counted in whole seconds of wall-clock time, with >=.
 */
function cleanUp(attempts: readonly Attempt[], packet: Packet, events: KnockdEvent[]): readonly Attempt[] {
  const nowS = Math.floor(packet.atMs / 1000);
  const kept = attempts.filter((attempt) => {
    const end = ending(attempt, nowS);
    if (end) events.push(end);
    return !end;
  });
  return kept.length > 0 && kept[0] === attempts[0] ? kept : [];
}

function ending({ source, door, stage, startedS }: Attempt, nowS: number): KnockdEvent | undefined {
  if (stage >= door.sequence.length) return { kind: 'completed', source };
  if (stage < 0) return { kind: 'failed', source };
  if (nowS - startedS >= door.seqTimeoutS) return { kind: 'timeout', source, door: door.name, stage };
  return undefined;
}

/** A live attempt: the awaited step or failure; flags the door does not ask for are no packet at all to it (sniff). */
function advance(attempt: Attempt, packet: Packet, events: KnockdEvent[]): Attempt {
  const { door, stage } = attempt;
  if (!flagsMatch(door, packet)) return attempt;
  if (!isStep(packet, door.sequence[stage])) return { ...attempt, stage: -1 };
  return levelUp(attempt, events);
}

/** No live attempt of this source: one begins at every door whose first step this is, in the file's order (sniff). */
function begin(doors: readonly Door[], packet: Packet, events: KnockdEvent[]): Attempt[] {
  const startedS = Math.floor(packet.atMs / 1000);
  return doors
    .filter((door) => flagsMatch(door, packet) && isStep(packet, door.sequence[0]))
    .map((door) => levelUp({ source: packet.source, door, stage: 0, startedS }, events));
}

/** process_attempt: the door opens at its last step; the attempt stays, completed, until the next packet. */
function levelUp(attempt: Attempt, events: KnockdEvent[]): Attempt {
  const { source, door } = attempt;
  const stage = attempt.stage + 1;
  events.push({ kind: 'stage', source, door: door.name, stage });
  if (stage >= door.sequence.length) events.push({ kind: 'open', source, door: door.name });
  return { ...attempt, stage };
}

/** flags_match: UDP always matches. */
function flagsMatch(door: Door, packet: Packet): boolean {
  if (packet.protocol === 'udp') return true;
  const flags = packet.flags ?? ['syn'];
  return (door.tcpflags ?? []).every((test) =>
    test.startsWith('!') ? !flags.includes(test.slice(1) as TcpFlag) : flags.includes(test as TcpFlag),
  );
}

function isStep(packet: Step, step: Step | undefined): boolean {
  return packet.port === step?.port && packet.protocol === step.protocol;
}

export interface Opening {
  readonly door: string;
  readonly source: string;
  /** Index of the packet that opened it. */
  readonly packet: number;
}

/** Packets in the order of their arrival -> which door opened for whom at which of them. */
export function openings(doors: readonly Door[], packets: readonly Packet[]): Opening[] {
  const knockd = new KnockdModel(doors);
  return packets.flatMap((packet, index) =>
    knockd
      .receive(packet)
      .flatMap((event) =>
        event.kind === 'open' ? [{ door: event.door, source: event.source, packet: index }] : [],
      ),
  );
}

/** A knockd that has been started: `receive` with its memory. */
export class KnockdModel {
  readonly doors: readonly Door[];
  attempts: readonly Attempt[];

  constructor(doors: readonly Door[], attempts: readonly Attempt[] = []) {
    this.doors = doors;
    this.attempts = attempts;
  }

  receive(packet: Packet): readonly KnockdEvent[] {
    const { attempts, events } = receive(this.doors, this.attempts, packet);
    this.attempts = attempts;
    return events;
  }
}
