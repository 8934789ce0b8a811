import type { Step } from '../plan/sequence.ts';
import { fromBytes } from '../util/bytes.ts';
import { configError } from '../util/errors.ts';
import { MAX_PORT, parsePort } from '../util/text.ts';
import type { ImportedDoor, ImportedFile } from './imported-door.ts';

/** Whether a file is JSON: of what this reads, only the export of Knock on Ports is. */
export function isKnockOnPorts(text: string): boolean {
  return /^\s*[[{]\s*["{]/.test(text);
}

/**
 * Reads the export of Knock on Ports (Android): an object with version 1 and `sequences`, before 2.0 an array. Each has a
 * name, a host, a delay in ms and steps with a type, a port, icmp_size, icmp_count, content and encoding.
 *
 * @throws KnockproxyError naming the file, without quoting it.
 */
export function readKnockOnPorts(text: string, file: string): ImportedFile {
  const sequences = sequencesOf(parse(text, file), file);
  return { doors: sequences.map((sequence, index) => importDoor(sequence, index, file)), notes: [] };
}

function parse(text: string, file: string): unknown {
  try {
    return JSON.parse(fromBytes(text));
  } catch {
    throw configError({ file }, 'this is not valid JSON', EXPORT);
  }
}

const EXPORT = 'a JSON file is read as a Knock on Ports export';

type Fields = Readonly<Record<string, unknown>>;

function sequencesOf(data: unknown, file: string): Fields[] {
  const version = isFields(data) ? data.version : undefined;
  const list = isFields(data) && version === 1 ? data.sequences : data;
  if (!Array.isArray(list) || !list.every(isFields)) {
    throw configError({ file }, 'this JSON contains no list of sequences in a known format', EXPORT);
  }
  return list;
}

function importDoor(sequence: Fields, index: number, file: string): ImportedDoor {
  const { name, host, delay, steps, icmp_type: sizeOf } = sequence;
  const header = sizeOf === 'with_ip_header' || sizeOf === 1 ? ICMP_HEADER : 0;
  const read = Array.isArray(steps) ? steps.map((step, at) => readStep(step, at + 1, header)) : [];
  const title = typeof name === 'string' && name !== '' ? name : `sequence ${index + 1}`;
  const problems = read.flatMap((step) => (typeof step === 'string' ? [`${file}: ${title}: ${step}`] : []));
  return {
    name: title,
    line: 1,
    secret: { kind: 'sequence', steps: read.flatMap((step) => (typeof step === 'string' ? [] : step)) },
    ...(typeof delay === 'number' && delay > 0 && { delayMs: Math.min(60_000, Math.floor(delay)) }),
    ports: [],
    problems: read.length === 0 ? [`${file}: ${title} has no steps`] : problems,
    notes: typeof host === 'string' && host !== '' ? [`it knocks on ${host}: HostName, or KnockHost`] : [],
  };
}

/** The steps that a step makes (icmp_count), or what is wrong with it. */
function readStep(step: unknown, number: number, header: number): Step[] | string {
  if (!isFields(step)) return `step ${number} is not in a known format`;
  const type =
    typeof step.type === 'number' ? LEGACY_TYPES[step.type] : String(step.type ?? '').toLowerCase();
  if (type === 'icmp') return readEcho(step, number, header);
  const port = parsePort(String(step.port));
  if (type !== 'tcp' && type !== 'udp') return `step ${number} is neither tcp, udp nor icmp`;
  if (port === undefined) return `step ${number} has no port`;
  if (type === 'tcp') return [{ port, protocol: 'tcp' }];
  const hex = payloadHex(step);
  if (hex === undefined) return `step ${number} has a payload in an unknown encoding`;
  return [{ port, protocol: 'udp', data: hex === '' ? 'size=0' : `hex=${hex}` }];
}

/** Exports before version 1 number the types. */
const LEGACY_TYPES = ['udp', 'tcp', 'icmp'];

const MOST_ECHOES = 31;
/** In bytes. */
const ICMP_HEADER = 8;

function readEcho(
  { icmp_size: size, icmp_count: count }: Fields,
  number: number,
  header: number,
): Step[] | string {
  const times = count === undefined || count === null ? 1 : Number(count);
  const bytes = size === undefined || size === null ? 0 : Number(size) - header;
  const isRight = Number.isInteger(times) && times >= 1 && times <= MOST_ECHOES;
  if (!isRight || !Number.isInteger(bytes) || bytes < 0 || bytes > MAX_PORT - 28) {
    return `step ${number} has an unknown size or count`;
  }
  return Array.from({ length: times }, () => ({ port: 0, protocol: 'icmp', data: `size=${bytes}` }));
}

function payloadHex({ content, encoding }: Fields): string | undefined {
  if (content === undefined || content === null || content === '') return '';
  if (typeof content !== 'string') return undefined;
  const name = String(encoding ?? 'raw').toLowerCase();
  if (name === 'raw' || name === '0') return Buffer.from(content).toString('hex');
  if (name === 'base64' || name === '1') return Buffer.from(content, 'base64').toString('hex');
  return name === 'hex' || name === '2' ? content.replaceAll(/\s/g, '').toLowerCase() : undefined;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
