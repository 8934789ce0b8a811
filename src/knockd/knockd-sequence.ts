import type { Protocol, Step } from '../plan/sequence.ts';
import { MAX_PORT } from '../util/text.ts';
import { atoi, fgetsLines, trim, upperAscii } from './knockd-text.ts';

/** knockd.c: SEQ_MAX, the most steps of a sequence. */
const SEQ_MAX = 32;

/**
 * Reads a sequence like knockd (parse_port_sequence): commas, `port[:protocol[:ignored]]`. A port is parsed by atoi, so
 * `7000 tcp` and `7000 # comment` are 7000, an empty or non-numeric one is port 0, on which one cannot knock, and a
 * negative one wraps around like knockd's unsigned short.
 *
 * @param text one character per byte.
 * @returns 1-32 steps with ports 0-65535, or why knockd refuses it; the reason contains no port.
 */
export function readKnockdSequence(text: string): Step[] | string {
  const steps: Step[] = [];
  for (const item of text.split(',')) {
    const number = steps.length + 1;
    if (number > SEQ_MAX) return `the sequence has more than ${SEQ_MAX} steps`;
    const [port = '', protocol] = item.split(':');
    const value = atoi(port);
    if (value > MAX_PORT) return `step ${number} of the sequence: the port is not a number from 1 to 65535`;
    const known = protocol === undefined ? 'tcp' : PROTOCOLS.get(upperAscii(trim(protocol)));
    if (known === undefined) return `step ${number} of the sequence: the protocol is neither tcp nor udp`;
    steps.push({ port: value & 0xffff, protocol: known });
  }
  return steps;
}

const PROTOCOLS = new Map<string, Protocol>([
  ['TCP', 'tcp'],
  ['UDP', 'udp'],
]);

/**
 * The unused sequences of a one_time_sequences file; knockd expects the first (get_next_one_time_sequence). Skips blank
 * lines, lines that begin with `#` after blanks, and lines that knockd cannot read.
 */
export function readOneTimeSequences(bytes: string): Step[][] {
  const found: Step[][] = [];
  for (const raw of fgetsLines(bytes)) {
    const line = trim(raw);
    if (line === '' || line.startsWith('#')) continue;
    const steps = readKnockdSequence(line);
    if (typeof steps !== 'string') found.push(steps);
  }
  return found;
}
