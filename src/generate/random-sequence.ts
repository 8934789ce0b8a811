import { MAX_STEPS, type Protocol, type Step } from '../plan/sequence.ts';
import { type KnockproxyError, usageError } from '../util/errors.ts';
import { MAX_PORT } from '../util/text.ts';

/** A uniform integer from 0 up to, not including, `below` (1-65536): `crypto.randomInt` has this shape. */
export type RandomInteger = (below: number) => number;

/** A port of a list; without a protocol, any of the requested ones may be used. */
export interface PortChoice {
  readonly port: number;
  readonly protocol?: Step['protocol'];
}

export interface SequenceOptions {
  /** Steps, 1-31. Default 10. */
  readonly count?: number;
  /** Lowest and highest port, 1-65535. Default 10000-65535: above the well-known services. Not used with `ports`. */
  readonly min?: number;
  readonly max?: number;
  /** The only ports to choose from, for networks that filter outgoing ports. */
  readonly ports?: readonly PortChoice[];
  /** Default both, chosen at random for each step. */
  readonly protocols?: readonly Protocol[];
  /** Ports to avoid: the hidden port, allowed ports, the steps of another sequence. */
  readonly exclude?: readonly number[];
}

/**
 * A new secret sequence without repeated ports: with them a packet duplicated by the network could count as a step.
 * Every sequence that the options allow is equally likely, and each step's protocol is chosen independently.
 *
 * @throws KnockproxyError (exit status 2) if the options are out of range or leave fewer ports than steps.
 */
export function randomSequence(random: RandomInteger, options: SequenceOptions = {}): Step[] {
  return sequenceMaker(random, options)();
}

/** The same for many sequences with the same options: each call returns a new one. */
export function sequenceMaker(random: RandomInteger, options: SequenceOptions = {}): () => Step[] {
  const { count = 10 } = options;
  const { pool, protocolsOf } = available(options, count);
  return () => draw(random, pool, protocolsOf, count);
}

/**
 * Different ports, each with a protocol, from which sequences may be made with `{ ...options, ports: pool }`.
 *
 * @returns `size` of them, or all if there are fewer, but at least `count`.
 */
export function randomPool(random: RandomInteger, size: number, options: SequenceOptions = {}): Step[] {
  const { pool, protocolsOf } = available(options, options.count ?? 10);
  return draw(random, pool, protocolsOf, Math.min(size, pool.length));
}

type ProtocolsOf = (port: number) => readonly Protocol[];

function available(options: SequenceOptions, count: number): { pool: number[]; protocolsOf: ProtocolsOf } {
  const { protocols = ['tcp', 'udp'], min = 10_000, max = MAX_PORT, ports, exclude = [] } = options;
  checkNumber('--count', count, 1, MAX_STEPS);
  if (protocols.length === 0) throw usageError('--protocols is empty');
  const choices = ports && portChoices(ports, protocols);
  const without = new Set(exclude);
  const pool = (choices ? [...choices.keys()] : range(min, max)).filter((port) => !without.has(port));
  if (pool.length < count) throw tooFew(count, pool.length, options);
  return { pool, protocolsOf: (port) => choices?.get(port) ?? protocols };
}

function draw(
  random: RandomInteger,
  pool: readonly number[],
  protocolsOf: ProtocolsOf,
  count: number,
): Step[] {
  const rest = pool.slice();
  return Array.from({ length: count }, () => {
    const port = take(rest, random);
    const protocols = protocolsOf(port);
    return { port, protocol: protocols[random(protocols.length)]! };
  });
}

/** Each port of the list once, with its possible protocols. */
function portChoices(
  ports: readonly PortChoice[],
  protocols: readonly Protocol[],
): Map<number, readonly Protocol[]> {
  const choices = new Map<number, readonly Protocol[]>();
  for (const { port, protocol } of ports) {
    checkNumber('a port of --ports', port, 1, MAX_PORT);
    const wanted = protocols.filter((one) => protocol === undefined || one === protocol);
    if (wanted.length > 0) choices.set(port, [...new Set([...(choices.get(port) ?? []), ...wanted])]);
  }
  return choices;
}

function range(min: number, max: number): number[] {
  checkNumber('--min', min, 1, MAX_PORT);
  checkNumber('--max', max, 1, MAX_PORT);
  return Array.from({ length: Math.max(0, max - min + 1) }, (_, n) => min + n);
}

/** Removes one port at random; the last one takes its place. */
function take(pool: number[], random: RandomInteger): number {
  const index = random(pool.length);
  const taken = pool[index]!;
  const last = pool.pop()!;
  if (index < pool.length) pool[index] = last;
  return taken;
}

function tooFew(count: number, available: number, { ports }: SequenceOptions): KnockproxyError {
  const have = available === 1 ? 'only 1 is' : `only ${available} are`;
  return usageError(
    `${count} steps need ${count} different ports, but ${have} available`,
    ports === undefined ? 'widen --min and --max, or lower --count' : 'add to --ports, or lower --count',
    'the hidden port, ports of --allow and those of other sequences are never used',
  );
}

function checkNumber(name: string, value: number, min: number, max: number): void {
  if (Number.isInteger(value) && value >= min && value <= max) return;
  throw usageError(`${name} must be a whole number from ${min} to ${max}`);
}
