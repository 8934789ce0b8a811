import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ARTICLE_SEQUENCE, type Bed, createBed } from '../test/netns/index.ts';
import { KnockWatch } from './lib/knock-watch.ts';
import { type Case, interleaved, roundsOr, type Samples } from './lib/pairing.ts';
import { programUnderTest } from './lib/programs.ts';
import { publish } from './lib/publish.ts';
import { pairedDifference, spread } from './lib/stats.ts';
import { timed } from './lib/stopwatch.ts';
import { markdownTable, rangeText, spreadText, type Verdict } from './lib/table.ts';
import { FIRST_PORT } from './lib/ways.ts';

/** Host blocks in the file; the host looked for is the last one. */
const SIZES = [10, 1000, 10_000] as const;
/** What more blocks than the fewest may add, in ms (issue 2). */
const MOST_ADDED_MS: Readonly<Record<number, number>> = { 1000: 25, 10000: 80 };
const READERS = ['knockproxy %h %p %n %r', 'knockproxy %h %p', 'ssh -G'] as const;
type Reader = (typeof READERS)[number];

/** Time against the size of ssh's config, in ms: knockproxy from exec to first knock, `ssh -G` as a whole. */
export async function run(): Promise<void> {
  const samples = await measure(roundsOr(21));
  const added = (reader: Reader, size: number) =>
    pairedDifference(samples[`${reader}, ${size}`]!, samples[`${reader}, ${SIZES[0]}`]!);
  const rows = READERS.map((reader) => [
    `\`${reader}\``,
    ...SIZES.map((size) => spreadText(spread(samples[`${reader}, ${size}`]!), 1)),
    ...SIZES.slice(1).map((size) => rangeText(added(reader, size), 1)),
  ]);
  const header = ['', ...SIZES.map((n) => `${n} blocks, ms`), ...SIZES.slice(1).map((n) => `${n} add, ms`)];
  publish('lookup', {
    text: markdownTable(header, rows),
    verdicts: SIZES.slice(1).map((size): Verdict => {
      const cost = added(READERS[0], size);
      const most = MOST_ADDED_MS[size]!;
      return [`${size} Host blocks add at most ${most} ms`, `${rangeText(cost, 1)} ms`, cost.median <= most];
    }),
    plot: {
      title: 'Configuration lookup against size',
      axis: 'ms, median and quartiles',
      categories: SIZES.map((size) => `${size} Host blocks`),
      series: Object.fromEntries(
        READERS.map((reader) => [reader, SIZES.map((size) => spread(samples[`${reader}, ${size}`]!))]),
      ),
    },
    data: samples,
  });
}

async function measure(rounds: number): Promise<Samples> {
  await using bed = await createBed();
  await bed.server.firewall.article();
  const watch = await KnockWatch.start(bed, FIRST_PORT);
  const cases = SIZES.flatMap((size) => {
    const config = writeConfig(bed, size);
    return READERS.map(
      (reader): Case => ({
        name: `${reader}, ${size}`,
        measure: () => measureReader(reader, config, bed, watch),
      }),
    );
  });
  return await interleaved('lookup', cases, rounds);
}

async function measureReader(reader: Reader, config: string, bed: Bed, watch: KnockWatch): Promise<number> {
  if (reader === 'ssh -G') return (await timed(bed.client, ['ssh', '-G', '-F', config, 'server'])).ms;
  const names = reader === READERS[0] ? ['server', 'root'] : [];
  const options = ['-F', config, '--knock-config', 'none'];
  const argv = [process.execPath, programUnderTest(), ...options, bed.server.ip, '22', ...names];
  return watch.firstKnock(argv, { XDG_STATE_HOME: join(bed.dir, 'no-state') });
}

/** A file as large fleets have it: every block with a name, an address, a user and a door. */
function writeConfig(bed: Bed, size: number): string {
  const door = ARTICLE_SEQUENCE.join(',');
  const blocks = Array.from({ length: size }, (_, n) => {
    const last = n === size - 1;
    const [name, address] = last ? ['server', bed.server.ip] : [`web${n}`, `10.1.${n >> 8}.${n & 255}`];
    return `Host ${name}\n    HostName ${address}\n    User deploy\n    Port 22\n    KnockSequence ${door}\n`;
  });
  const path = join(bed.dir, `lookup-${size}`);
  writeFileSync(path, `IgnoreUnknown Knock*\n\n${blocks.join('\n')}`, { mode: 0o600 });
  return path;
}
