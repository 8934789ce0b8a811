import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Fleet } from './lib/fleet-scene.ts';
import { type Case, interleaved, roundsOr, type Samples } from './lib/pairing.ts';
import { publish, publishSkip } from './lib/publish.ts';
import { pairedRatio, spread } from './lib/stats.ts';
import { timed } from './lib/stopwatch.ts';
import { markdownTable, spreadText, type Verdict } from './lib/table.ts';
import { environment, type Way } from './lib/ways.ts';

const SIZE = 100;
const FORKS = 50;
/** Of the time over open ports (issue 7). */
const MOST_RATIO = 1.2;
const OPEN = 'open ports';
/** What the two parts of a fleet's knocking cost by themselves: Node's starts, and the doors. */
const OPEN_AFTER_NODE = 'open ports, node -e 0 and nc as ProxyCommand';
const LIMIT = 'knocked, C limit';
const KNOCKED = ['knocked, first contact', 'knocked, learned'] as const;
const RUN_TIMEOUT_MS = 180_000;

type Reached = Record<string, number[]>;
/** A way to log in to all hosts, by a config of ssh's. */
type FleetWay = Omit<Way, 'argv'> & { readonly config: string };

/** `ansible -f 50 all -m raw -a true` over a fleet of 100 knocked addresses, in s, against open ports. */
export async function run(): Promise<void> {
  const reached: Reached = {};
  const samples = await measure(reached);
  if (samples === undefined) return publishSkip('fleet', 'ansible is not installed (Debian: ansible-core)');
  const names = Object.keys(samples);
  const ratio = (name: string) => pairedRatio(samples[name]!, samples[OPEN]!);
  const rows = names.map((name) => [
    name,
    spreadText(spread(samples[name]!), 1),
    spreadText(ratio(name), 2),
    `${Math.min(...reached[name]!)} of ${SIZE}`,
  ]);
  publish('fleet', {
    text: markdownTable(['', 's', 'x open ports', 'reached, worst run'], rows),
    verdicts: KNOCKED.flatMap((name): Verdict[] => [
      [
        `${name}: at most ${MOST_RATIO} x open ports`,
        spreadText(ratio(name), 2),
        ratio(name).median <= MOST_RATIO,
      ],
      [
        `${name}: all reached`,
        `${Math.min(...reached[name]!)} of ${SIZE}`,
        reached[name]!.every((n) => n === SIZE),
      ],
    ]),
    plot: {
      title: `ansible -f ${FORKS} over ${SIZE} hosts`,
      axis: 's, median and quartiles',
      categories: ['all hosts'],
      series: Object.fromEntries(names.map((name) => [name, [spread(samples[name]!)]])),
    },
    data: { seconds: samples, reached },
  });
}

/** undefined where there is no ansible. */
async function measure(reached: Reached): Promise<Samples | undefined> {
  await using fleet = await Fleet.open(SIZE);
  const { code } = await fleet.bed.client.exec('sh', ['-c', 'command -v ansible']);
  if (code !== 0) return undefined;
  const stateFolder = (name: string) => join(fleet.bed.dir, `state-${name}`);
  const config = fleet.knockedConfig();
  const ways: FleetWay[] = [
    { name: OPEN, config: fleet.plainConfig(), needsOpenPort: true },
    { name: OPEN_AFTER_NODE, config: fleet.emptyNodeConfig(), needsOpenPort: true },
    { name: LIMIT, config: fleet.limitConfig() },
    { name: KNOCKED[0], config, stateFolder: stateFolder('first'), forgets: true },
    { name: KNOCKED[1], config, stateFolder: stateFolder('learned') },
  ];
  const cases = ways.map((way): Case => {
    const { name } = way;
    reached[name] = [];
    return { name, measure: () => runAnsible(fleet, way, reached[name]!) };
  });
  await cases.at(-1)!.measure(); // so that there is something learned
  reached[KNOCKED[1]]!.length = 0;
  return await interleaved('fleet', cases, roundsOr(5));
}

/** One run over all hosts, s. */
async function runAnsible(fleet: Fleet, way: FleetWay, reached: number[]): Promise<number> {
  const { bed, addresses } = fleet;
  await fleet.reset(way.needsOpenPort ? 'open' : 'shut');
  const home = join(bed.dir, 'ansible');
  rmSync(home, { recursive: true, force: true });
  mkdirSync(home);
  writeFileSync(join(home, 'hosts'), `${addresses.join('\n')}\n`);
  const env = {
    ...environment(way),
    HOME: home,
    ANSIBLE_HOME: home,
    ANSIBLE_LOCAL_TEMP: join(home, 'tmp'),
    ANSIBLE_SSH_CONTROL_PATH_DIR: join(home, 'cp'),
    ANSIBLE_SSH_ARGS: `-F ${way.config} -o ControlMaster=auto -o ControlPersist=60s`,
  };
  const argv = [
    'ansible',
    '-i',
    join(home, 'hosts'),
    '-f',
    String(FORKS),
    'all',
    '-o',
    '-m',
    'raw',
    '-a',
    'true',
  ];
  const { ms, stdout } = await timed(bed.client, argv, { env, timeoutMs: RUN_TIMEOUT_MS });
  reached.push(stdout.match(/\| CHANGED \|/g)?.length ?? 0);
  if (reached.at(-1) !== SIZE) process.stderr.write(`\n${way.name}:\n${stdout.slice(0, 2000)}\n`);
  return ms / 1000;
}
