import { parseSequence, type Step } from '../plan/sequence.ts';
import { KnockproxyError } from '../util/errors.ts';
import type { ImportedDoor, ImportedFile } from './imported-door.ts';

const KNOCK = /(?:^|[\s;&|(])(?:\S*\/)?knock\s+([^;&|#<>]*)/;
const NMAP = /(?:^|[\s;&|(])(?:\S*\/)?nmap\s+([^;&|#<>]*)/;

/** Whether a file is a script with command lines of knock(1), or of nmap as people knock with it. */
export function hasKnockCommands(text: string): boolean {
  return linesOf(text).some(
    ({ text }) => KNOCK.test(text) || (NMAP.test(text) && /\s-p\s*["']?[\d$]/.test(text)),
  );
}

/**
 * Reads the command lines of knock(1) and nmap in a script: `knock [-u] [-d MS] HOST PORT[:PROTOCOL] ...`, and lines of
 * `nmap ... -p PORT HOST` for one host. A `for` loop over ports is read with its list.
 */
export function readCommandLines(text: string, file: string): ImportedFile {
  const lines = linesOf(text);
  const doors = [...lines.flatMap((line) => knockDoor(line, file)), ...nmapDoors(lines, file)];
  return { doors, notes: [] };
}

interface Line {
  readonly text: string;
  readonly number: number;
}

/** Without comments; a backslash at its end continues a line. */
function linesOf(text: string): Line[] {
  const lines: Line[] = [];
  let open: Line | undefined;
  for (const [index, raw] of text.split('\n').entries()) {
    const joined: Line = open
      ? { ...open, text: `${open.text} ${raw.trim()}` }
      : { text: raw, number: index + 1 };
    open = undefined;
    if (/^\s*#/.test(joined.text)) continue;
    if (joined.text.endsWith('\\')) open = { ...joined, text: joined.text.slice(0, -1) };
    else lines.push(joined);
  }
  return lines;
}

function knockDoor({ text, number }: Line, file: string): ImportedDoor[] {
  const words = KNOCK.exec(text)?.[1]?.trim().split(/\s+/);
  if (words === undefined) return [];
  const isUdp = words.some((word) => /^(-\w*u\w*|--udp)$/.test(word));
  const delay = words[words.findIndex((word) => /^(-d|--delay)$/.test(word)) + 1 || words.length];
  const operands = words.filter(
    (word, at) => !word.startsWith('-') && !/^(-d|--delay)$/.test(words[at - 1] ?? ''),
  );
  const [host = '', ...steps] = operands;
  return [door(host, steps.join(' '), number, file, { isUdp, delay })];
}

/** nmap sends the ports of one command in an order of its own, unless -r is given: one port a command. */
function nmapDoors(lines: readonly Line[], file: string): ImportedDoor[] {
  const knocks = lines.flatMap(({ text, number }) => {
    const list = /\bfor\s+\w+\s+in\s+([\d\s]+?)\s*;?\s*(?:do\b|$)/.exec(text)?.[1];
    const command = NMAP.exec(text)?.[1];
    if (command === undefined && list === undefined) return [];
    return [{ list, command, number }];
  });
  const hosts = new Map<string, { steps: string[]; number: number }>();
  let list: string | undefined;
  for (const knock of knocks) {
    list = knock.list ?? list;
    if (knock.command === undefined) continue;
    const { host, ports, protocol } = readNmap(knock.command);
    const steps = (ports.startsWith('$') ? (list ?? ports) : ports).trim().split(/[\s,]+/);
    const found = hosts.get(host) ?? { steps: [], number: knock.number };
    found.steps.push(...steps.map((port) => `${port}:${protocol}`));
    hosts.set(host, found);
  }
  return [...hosts].map(([host, { steps, number }]) => door(host, steps.join(' '), number, file, {}));
}

function readNmap(command: string): { host: string; ports: string; protocol: 'tcp' | 'udp' } {
  const ports = /(?:^|\s)-p\s*["']?([\d,$\w{}]+)/.exec(command)?.[1] ?? '';
  const words = command
    .replace(/(?:^|\s)-p\s*\S+/, ' ')
    .trim()
    .split(/\s+/);
  const takesValue =
    /^(--max-retries|--host[-_]timeout|--scan-delay|-T|-e|-S|-g|--source-port|--max-rtt-timeout)$/;
  const operands = words.filter((word, at) => !word.startsWith('-') && !takesValue.test(words[at - 1] ?? ''));
  return { host: operands.at(-1) ?? '', ports, protocol: words.includes('-sU') ? 'udp' : 'tcp' };
}

function door(
  host: string,
  sequence: string,
  line: number,
  file: string,
  { isUdp = false, delay }: { isUdp?: boolean; delay?: string | undefined },
): ImportedDoor {
  const steps = stepsOf(sequence, isUdp);
  const isVariable = /[$`*?{}]/.test(host);
  return {
    name: isVariable || host === '' ? `line ${line}` : host,
    line,
    secret: { kind: 'sequence', steps: typeof steps === 'string' ? [] : steps },
    ...(delay !== undefined && /^\d{1,5}$/.test(delay) && { delayMs: Number(delay) }),
    ports: [],
    problems: typeof steps === 'string' ? [`${file} line ${line}: ${steps}`] : [],
    notes: isVariable || host === '' ? [] : [`the command knocks on ${host}`],
  };
}

function stepsOf(sequence: string, isUdp: boolean): Step[] | string {
  if (/[$`]/.test(sequence)) return 'the ports of this command are in a variable, which is not read';
  try {
    return parseSequence(sequence, isUdp ? 'udp' : 'tcp');
  } catch (error) {
    if (error instanceof KnockproxyError) return error.message;
    throw error;
  }
}
