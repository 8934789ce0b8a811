import { nodeVersions } from '../test/package/node-versions.ts';
import { emptyName, loginTable, loginVerdicts, suffix } from './lib/login-report.ts';
import { type Case, interleaved, roundsOr, type Samples } from './lib/pairing.ts';
import { publish } from './lib/publish.ts';
import { Scene } from './lib/scene.ts';
import { spread } from './lib/stats.ts';
import { timed } from './lib/stopwatch.ts';
import {
  emptyNode,
  environment,
  KINDS,
  knockproxy,
  limit,
  plainSsh,
  recipe,
  recipesInConfig,
  WARM_UP_LOGINS,
  type Way,
} from './lib/ways.ts';

/** Round trips in ms; the environment variable BENCH_RTTS (`0,20`) chooses others. 0 has no wire. */
const RTTS = (process.env.BENCH_RTTS ?? '0,20,100,300').split(',');
const ROUNDS = 19;
/** The criteria are judged without a wire, where which part of knockd's 50 ms a login waits is most of the spread. */
const NEAR_ROUNDS = 57;

/** Time of `ssh host true` through a closed door, in ms, for every way to do it, over several round trips. */
export async function run(): Promise<void> {
  const byRtt: Record<string, Samples> = {};
  for (const rttMs of RTTS) byRtt[rttMs] = await measure(Number(rttMs));
  const near = byRtt[0];
  publish('login', {
    text: Object.entries(byRtt)
      .map(([rttMs, samples]) => loginTable(rttMs, samples))
      .join('\n\n'),
    verdicts: near ? (await nodeVersions()).flatMap(({ major }) => loginVerdicts(near, major)) : [],
    plot: plot(byRtt),
    data: byRtt,
  });
}

function plot(byRtt: Record<string, Samples>) {
  const names = Object.keys(Object.values(byRtt)[0]!).filter((name) => !/\bnode/i.test(name));
  return {
    title: `ssh host true through a closed door, Node ${process.versions.node}`,
    axis: 'ms, median and quartiles',
    categories: Object.keys(byRtt).map((rttMs) => `round trip ${rttMs} ms`),
    series: Object.fromEntries(
      names.map((name) => [name, Object.values(byRtt).map((samples) => spread(samples[name]!))]),
    ),
  };
}

/** Without a wire with every Node version; over a wire with the one that runs this. */
async function measure(rttMs: number): Promise<Samples> {
  await using scene = await Scene.open({ rttMs });
  const { bed } = scene;
  const nodes = (await nodeVersions()).filter(({ path }) => rttMs === 0 || path === process.execPath);
  const ways = [
    plainSsh(bed),
    recipe(bed),
    ...recipesInConfig(bed),
    limit(bed),
    ...nodes.flatMap(({ path, major }) => KINDS.map((kind) => knockproxy(bed, kind, path, suffix(major)))),
  ];
  for (const way of ways) await warmUp(scene, way);
  const empty = nodes.map(({ path, major }) => ({
    name: emptyName(major),
    measure: async () => (await timed(bed.client, emptyNode(path))).ms,
  }));
  const logins = ways.map((way): Case => ({ name: way.name, measure: () => login(scene, way) }));
  return await interleaved(
    `login, round trip ${rttMs} ms`,
    rttMs === 0 ? [...logins, ...empty] : logins,
    roundsOr(rttMs === 0 ? NEAR_ROUNDS : ROUNDS),
  );
}

/** One login, in ms; undefined when it failed. */
async function login(scene: Scene, way: Way): Promise<number | undefined> {
  await (way.needsOpenPort ? scene.openToAll() : scene.shut());
  const openings = scene.knockd.opened();
  const { ms, code, stderr } = await timed(scene.bed.client, way.argv, { env: environment(way) });
  if (code !== 0) {
    process.stderr.write(`\n${way.name} failed: ${stderr}`);
    return undefined;
  }
  if (!way.needsOpenPort && scene.knockd.opened() === openings) throw new Error(`${way.name} met no door`);
  return ms;
}

async function warmUp(scene: Scene, way: Way): Promise<void> {
  const count = way.stateFolder !== undefined && !way.forgets ? WARM_UP_LOGINS : 1;
  for (let n = 0; n < count; n++) await login(scene, way);
}
