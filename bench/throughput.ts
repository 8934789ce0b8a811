import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Bed, createBed, waitFor } from '../test/netns/index.ts';
import { DIRECT, expandCommand, FDPASS, type Helper, helpers, NC, RELAY } from './lib/helpers.ts';
import { type Case, interleaved, roundsOr, type Samples } from './lib/pairing.ts';
import { compiled } from './lib/programs.ts';
import { publish } from './lib/publish.ts';
import { median, pairedRatio, type Spread, spread } from './lib/stats.ts';
import { timed } from './lib/stopwatch.ts';
import { markdownTable, spreadText, type Verdict } from './lib/table.ts';

const BYTES = 1e9;
const SSH_BYTES = 400 * 2 ** 20;
const PORT = 7;
/** Each is MB/s. */
const KINDS = ['down', 'up', 'ssh host cat'] as const;
type Kind = (typeof KINDS)[number];
/** Of nc's throughput for the relay, of a direct connection's for a passed descriptor (issue 2). */
const LEAST_SHARES = [
  [RELAY, NC, 0.9],
  [FDPASS, DIRECT, 0.97],
] as const;

/** What the helper used for one transfer. */
interface Cost {
  readonly cpuMs: number;
  readonly peakKiB: number;
}
type Costs = Record<string, Cost[]>;

/** Throughput in MB/s of what can stand between ssh and the network: 1 GB raw each way, and 400 MiB through ssh. */
export async function run(): Promise<void> {
  const costs: Costs = {};
  const [names, samples] = await measure(costs);
  const row = (name: string) => [
    name,
    ...KINDS.map((kind) => spreadText(spread(samples[`${name}, ${kind}`]!))),
    ...KINDS.map((kind) => spreadText(share(samples, name, NC, kind), 2)),
    ...costCells(costs[name] ?? []),
  ];
  const ofNc = KINDS.map((kind) => `${kind} / nc`);
  publish('throughput', {
    text: markdownTable(['MB/s', ...KINDS, ...ofNc, 'CPU s/GB', 'peak MiB'], names.map(row)),
    verdicts: LEAST_SHARES.flatMap(([name, other, least]) =>
      KINDS.map((kind) => verdict(name, other, kind, least, share(samples, name, other, kind))),
    ),
    plot: {
      title: 'Throughput: 1 GB raw each way, and 400 MiB through ssh',
      axis: 'MB/s, median and quartiles',
      categories: KINDS,
      series: Object.fromEntries(
        names.map((name) => [name, KINDS.map((kind) => spread(samples[`${name}, ${kind}`]!))]),
      ),
    },
    data: { megabytesPerSecond: samples, helperCost: costs },
  });
}

function share(samples: Samples, name: string, other: string, kind: Kind): Spread {
  return pairedRatio(samples[`${name}, ${kind}`]!, samples[`${other}, ${kind}`]!);
}

function verdict(name: string, other: string, kind: Kind, least: number, ratio: Spread): Verdict {
  return [`${kind}: ${name} at least ${least} x ${other}`, spreadText(ratio, 2), ratio.high >= least];
}

function costCells(costs: Cost[]): string[] {
  if (costs.length === 0) return ['-', '-'];
  const cpuSeconds = median(costs.map(({ cpuMs }) => cpuMs)) / 1000 / (BYTES / 1e9);
  return [cpuSeconds.toFixed(2), (median(costs.map(({ peakKiB }) => peakKiB)) / 1024).toFixed(0)];
}

async function measure(costs: Costs): Promise<[string[], Samples]> {
  await using bed = await createBed();
  await bed.server.sshd();
  await serve(bed);
  const file = join(bed.dir, 'zeros');
  writeFileSync(file, '');
  truncateSync(file, SSH_BYTES);
  const cases = helpers(bed).flatMap((helper): Case[] => [
    { name: `${helper.name}, down`, measure: () => raw(bed, helper, 'd', costs) },
    { name: `${helper.name}, up`, measure: () => raw(bed, helper, 'u', costs) },
    throughSsh(bed, helper, file),
  ]);
  const samples = await interleaved('throughput', cases, roundsOr(15));
  return [helpers(bed).map(({ name }) => name), samples];
}

async function serve(bed: Bed): Promise<void> {
  const server = bed.server.spawn(compiled('transfer'), ['serve', String(PORT), String(BYTES)]);
  let listening = false;
  server.stdout.once('data', () => {
    listening = true;
  });
  await waitFor('the source and sink', () => listening);
}

/** MB/s from the server's greeting to the last byte, so without the helper's start. */
async function raw(bed: Bed, helper: Helper, direction: 'd' | 'u', costs: Costs): Promise<number> {
  const { ip } = bed.server;
  const command = helper.command === undefined ? [] : expandCommand(helper.command, ip, PORT);
  const transfer = ['carry', helper.way, direction, String(BYTES), ip, String(PORT), ...command];
  const { stdout } = await bed.client.must(compiled('transfer'), transfer);
  const { ms, cpuMs, peakKiB } = JSON.parse(stdout) as Cost & { ms: number };
  if (helper.command !== undefined) costs[helper.name] = [...(costs[helper.name] ?? []), { cpuMs, peakKiB }];
  return BYTES / 1000 / ms;
}

/** MB/s of a whole `ssh host cat`, login included. */
function throughSsh(bed: Bed, { name, way, command }: Helper, file: string): Case {
  const config = bed.sshConfig({
    ...(command !== undefined && { proxyCommand: command }),
    proxyUseFdpass: way === 'fdpass',
  });
  const script = `exec ssh -F ${config} server cat ${file} > /dev/null`;
  return {
    name: `${name}, ssh host cat`,
    measure: async () => {
      const { ms, code } = await timed(bed.client, ['sh', '-c', script]);
      return code === 0 ? SSH_BYTES / 1000 / ms : undefined;
    },
  };
}
