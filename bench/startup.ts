import { join } from 'node:path';
import { createBed } from '../test/netns/index.ts';
import { nodeVersions } from '../test/package/node-versions.ts';
import { KnockWatch } from './lib/knock-watch.ts';
import { type Case, interleaved, roundsOr, type Samples } from './lib/pairing.ts';
import { publish } from './lib/publish.ts';
import { pairedDifference, spread } from './lib/stats.ts';
import { timed } from './lib/stopwatch.ts';
import { markdownTable, rangeText, spreadText, type Verdict } from './lib/table.ts';
import { emptyNode, FIRST_PORT, knockproxyCommand } from './lib/ways.ts';

/** From exec to first knock, over an empty Node, in ms (issue 2). */
const MOST_OVER_EMPTY_MS = 20;

/** Start-up by Node version, in ms: `node -e 0` from exec to exit, and knockproxy from exec to its first SYN. */
export async function run(): Promise<void> {
  const samples = await measure(roundsOr(31));
  const nodes = await nodeVersions();
  const rows = nodes.map(({ major, version }) => [
    `Node ${version}`,
    spreadText(spread(samples[`empty ${major}`]!), 1),
    spreadText(spread(samples[`knock ${major}`]!), 1),
    rangeText(pairedDifference(samples[`knock ${major}`]!, samples[`empty ${major}`]!), 1),
  ]);
  publish('startup', {
    text: markdownTable(['', '`node -e 0`, ms', 'exec to first knock, ms', 'difference, ms'], rows),
    verdicts: nodes.map(({ major }) => verdict(samples, major)),
    plot: {
      title: 'Start-up by Node version',
      axis: 'ms, median and quartiles',
      categories: nodes.map(({ major }) => `Node ${major}`),
      series: {
        'node -e 0': nodes.map(({ major }) => spread(samples[`empty ${major}`]!)),
        'knockproxy, exec to first knock': nodes.map(({ major }) => spread(samples[`knock ${major}`]!)),
      },
    },
    data: samples,
  });
}

async function measure(rounds: number): Promise<Samples> {
  await using bed = await createBed();
  await bed.server.firewall.article();
  const watch = await KnockWatch.start(bed, FIRST_PORT);
  const state = { XDG_STATE_HOME: join(bed.dir, 'no-state') };
  const cases = (await nodeVersions()).flatMap(({ path, major }): Case[] => {
    const command = knockproxyCommand(bed, path).replace(
      "-- '%h' %p '%n' '%r'",
      `${bed.server.ip} 22 server root`,
    );
    return [
      {
        name: `empty ${major}`,
        measure: async () => (await timed(bed.client, emptyNode(path))).ms,
      },
      { name: `knock ${major}`, measure: () => watch.firstKnock(command.split(' '), state) },
    ];
  });
  return await interleaved('startup', cases, rounds);
}

function verdict(samples: Samples, major: string): Verdict {
  const over = pairedDifference(samples[`knock ${major}`]!, samples[`empty ${major}`]!);
  return [
    `Node ${major}: first knock at most ${MOST_OVER_EMPTY_MS} ms over node -e 0`,
    `${rangeText(over, 1)} ms`,
    over.median <= MOST_OVER_EMPTY_MS,
  ];
}
