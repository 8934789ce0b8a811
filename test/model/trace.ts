/** knockd's debug log (`knockd -v -D`) and the model's events, as lists that can be compared. */
import type { Door, KnockdEvent, Packet } from './knockd.ts';
import { isCaptured, KnockdModel } from './knockd.ts';

/** A packet as knockd saw it, and what it logged while it processed it. */
export interface Seen {
  readonly packet: string;
  /** Second of the day, UTC. */
  readonly second: number;
  readonly lines: readonly string[];
}

const PACKET = /^\S+ (\d\d):(\d\d):(\d\d): (tcp|udp): ([\d.]+):\d+ -> [\d.]+:(\d+) \d+ bytes$/;
const KEPT = /^removing |sequence timeout|: Stage |OPEN SESAME$/;

export function parseLog(lines: readonly string[]): Seen[] {
  const seen: { packet: string; second: number; lines: string[] }[] = [];
  for (const line of lines) {
    const match = PACKET.exec(line);
    if (match) {
      const [, hours, minutes, seconds, protocol, source, port] = match;
      const second = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
      seen.push({ packet: `${source} ${port}:${protocol}`, second, lines: [] });
    } else if (KEPT.test(line)) seen.at(-1)?.lines.push(line);
  }
  return seen;
}

/** What the model says knockd's log should hold, given the seconds at which knockd saw the packets. */
export function predict(
  doors: readonly Door[],
  packets: readonly Packet[],
  seconds: readonly number[],
): Seen[] {
  const model = new KnockdModel(doors);
  const captured = packets.filter((packet) => isCaptured(doors, packet));
  return captured.map((packet, index) => {
    const second = seconds[index] ?? 0;
    const lines = model.receive({ ...packet, atMs: second * 1000 }).map(logLine);
    return { packet: `${packet.source} ${packet.port}:${packet.protocol}`, second, lines };
  });
}

function logLine(event: KnockdEvent): string {
  switch (event.kind) {
    case 'completed':
      return `removing successful knock attempt (${event.source})`;
    case 'failed':
      return `removing failed knock attempt (${event.source})`;
    case 'timeout':
      return `${event.source}: ${event.door}: sequence timeout (stage ${event.stage})`;
    case 'stage':
      return `${event.source}: ${event.door}: Stage ${event.stage}`;
    case 'open':
      return `${event.source}: ${event.door}: OPEN SESAME`;
  }
}
