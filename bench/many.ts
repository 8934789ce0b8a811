import { type Case, interleaved, roundsOr, type Samples } from './lib/pairing.ts';
import { publish } from './lib/publish.ts';
import { Scene } from './lib/scene.ts';
import { pairedRatio, spread } from './lib/stats.ts';
import { timed } from './lib/stopwatch.ts';
import { markdownTable, spreadText, type Verdict } from './lib/table.ts';
import { environment, FIRST_PORT, knockproxy, plainSsh, recipe, type Way } from './lib/ways.ts';

const COUNTS = [1, 10, 50] as const;
/** sshd's limit of connections that have not logged in yet: a wide one, and its default. */
const LIMITS = ['200', '10:30:100'] as const;
const BURST_TIMEOUT_MS = 90_000;

/** What became of the logins of one burst. */
interface Burst {
  readonly reached: number;
  /** First knocks that arrived. */
  readonly sequences: number;
  /** Connections at sshd beyond one for each login that was reached. */
  readonly strays: number;
}
type Bursts = Record<string, Burst[]>;

/** Many logins of one client at once through one closed door: all reached, packets, and time until the last ended. */
export async function run(): Promise<void> {
  const rounds = roundsOr(5);
  const bursts: Bursts = {};
  const samples: Samples = {};
  for (const limit of LIMITS) Object.assign(samples, await measure(limit, rounds, bursts));
  const names = Object.keys(samples);
  const ways = [...new Set(names.map((name) => name.split(' @')[0]!))];
  publish('many', {
    text: markdownTable(
      ['', 'reached', 's', 'x plain ssh', 'sequences', 'strays'],
      names.map((name) => row(name, ways[0]!, samples, bursts[name]!)),
    ),
    verdicts: verdicts(bursts, ways),
    plot: {
      title: 'Logins at once, until the last has ended (MaxStartups 200)',
      axis: 's, median and quartiles',
      categories: COUNTS.map((count) => `${count} at once`),
      series: Object.fromEntries(
        ways.map((way) => [way, COUNTS.map((count) => spread(samples[nameOf(way, count, LIMITS[0])]!))]),
      ),
    },
    data: { seconds: samples, bursts },
  });
}

function nameOf(way: string, count: number, limit: string): string {
  return `${way} @${count}, MaxStartups ${limit}`;
}

function row(name: string, plain: string, samples: Samples, bursts: Burst[]): string[] {
  const total = (key: keyof Burst) => bursts.reduce((sum, burst) => sum + burst[key], 0);
  const logins = bursts.length * Number(name.split('@')[1]!.split(',')[0]);
  const same = `${plain} @${name.split('@')[1]}`;
  return [
    name,
    `${total('reached')}/${logins}`,
    spreadText(spread(samples[name]!), 1),
    spreadText(pairedRatio(samples[name]!, samples[same]!), 2),
    (total('sequences') / bursts.length).toFixed(1),
    (total('strays') / bursts.length).toFixed(1),
  ];
}

function verdicts(bursts: Bursts, ways: readonly string[]): Verdict[] {
  const way = ways.find((name) => name.startsWith('knockproxy'))!;
  return COUNTS.map((count) => {
    const all = bursts[nameOf(way, count, LIMITS[0])]!;
    const worst = Math.min(...all.map(({ reached }) => reached));
    return [`${way}: ${count} at once, all reached`, `at least ${worst} of ${count}`, worst === count];
  });
}

async function measure(limit: string, rounds: number, bursts: Bursts): Promise<Samples> {
  await using scene = await Scene.open({ maxStartups: limit });
  const { bed } = scene;
  const ways = [plainSsh(bed), recipe(bed, ['ConnectTimeout 10']), knockproxy(bed, 'learned')];
  const cases = ways.flatMap((way) =>
    COUNTS.map((count): Case => {
      const name = nameOf(way.name, count, limit);
      bursts[name] = [];
      return { name, measure: () => burst(scene, way, count, bursts[name]!) };
    }),
  );
  return await interleaved(`many, MaxStartups ${limit}`, cases, rounds);
}

/** Starts so many logins at once and waits for the last; seconds. */
async function burst(scene: Scene, way: Way, count: number, bursts: Burst[]): Promise<number> {
  await (way.needsOpenPort ? scene.openToAll() : scene.shut());
  await scene.bed.server.resetCounts();
  const connectionsBefore = scene.sshd.connections();
  const script = `for n in $(seq ${count}); do ("$@" && echo reached) & done; wait`;
  const options = { env: environment(way), timeoutMs: BURST_TIMEOUT_MS };
  const { ms, stdout } = await timed(scene.bed.client, ['sh', '-c', script, 'sh', ...way.argv], options);
  const reached = stdout.match(/reached/g)?.length ?? 0;
  bursts.push({
    reached,
    sequences: await scene.bed.server.countSyn(FIRST_PORT),
    strays: scene.sshd.connections() - connectionsBefore - reached,
  });
  return ms / 1000;
}
