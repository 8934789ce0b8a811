import type { Protocol, Step } from '../plan/sequence.ts';
import { atoi, fgetsLines, trim, upperAscii } from './knockd-text.ts';

/** knockd.c: SEQ_MAX; a sequence may have so many steps, one more is refused. */
const SEQ_MAX = 32;

/**
 * A sequence as knockd takes it (parse_port_sequence): commas, `port[:protocol[:ignored]]`. A port is what atoi
 * makes of it, so `7000 tcp` and `7000 # comment` are 7000, and an empty or wordy one is port 0, which nobody can
 * knock on; a negative one wraps round as knockd's unsigned short does.
 *
 * @param text one character a byte.
 * @returns 1-32 steps with ports 0-65535, or why knockd refuses it; the reason holds no port.
 */
export function readKnockdSequence(text: string): Step[] | string {
  const steps: Step[] = [];
  for (const item of text.split(',')) {
    const number = steps.length + 1;
    if (number > SEQ_MAX) return `the sequence has more than ${SEQ_MAX} steps`;
    const [port = '', protocol] = item.split(':');
    const value = atoi(port);
    if (value > 65_535) return `step ${number} of the sequence: the port is not a number from 1 to 65535`;
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
 * The sequences still unused in a one_time_sequences file, the first being the one knockd awaits
 * (get_next_one_time_sequence): blank lines, lines that begin with `#` after blanks, and lines knockd cannot read
 * are passed over.
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
