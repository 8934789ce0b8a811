import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Bed, createBed, mustRun, waitFor } from '../test/netns/index.ts';
import { DIRECT, FDPASS, type Helper, helpers, NC, RELAY } from './lib/helpers.ts';
import { type Case, interleaved, roundsOr, type Samples } from './lib/pairing.ts';
import { publish } from './lib/publish.ts';
import { spread } from './lib/stats.ts';
import { markdownTable, spreadText } from './lib/table.ts';

/** Sessions that are open together. */
const SESSIONS = 10;
const NAMES = [DIRECT, NC, RELAY, FDPASS];
/** Fields of smaps_rollup: what a process has in memory, its share of that, and what no other process has. */
const FIELDS = ['Rss', 'Pss', 'Private'] as const;
type Field = (typeof FIELDS)[number];

/** MiB a session that the helper of each open session takes, ssh not counted. */
export async function run(): Promise<void> {
  const samples = await measure();
  const rows = NAMES.map((name) => [
    name,
    ...FIELDS.map((field) => spreadText(spread(samples[`${name}, ${field}`]!), 1)),
  ]);
  const header = [`MiB a session, of ${SESSIONS}`, 'resident', 'proportional', 'private'];
  publish('sessions', { text: markdownTable(header, rows), data: samples });
}

async function measure(): Promise<Samples> {
  await using bed = await createBed();
  await bed.server.sshd();
  const found: Samples = Object.fromEntries(
    NAMES.flatMap((name) => FIELDS.map((field) => [`${name}, ${field}`, []])),
  );
  const cases = helpers(bed)
    .filter(({ name }) => NAMES.includes(name))
    .map(
      (helper): Case => ({
        name: helper.name,
        measure: async () => {
          const memory = await measureHelper(bed, helper);
          for (const field of FIELDS) found[`${helper.name}, ${field}`]!.push(memory[field]);
          return 1;
        },
      }),
    );
  await interleaved('sessions', cases, roundsOr(9));
  return found;
}

/** MiB a session while SESSIONS are open and idle. */
async function measureHelper(bed: Bed, { command, way }: Helper): Promise<Record<Field, number>> {
  const config = bed.sshConfig({
    ...(command !== undefined && { proxyCommand: command }),
    proxyUseFdpass: way === 'fdpass',
  });
  const sessions = Array.from({ length: SESSIONS }, () =>
    bed.client.spawn('ssh', ['-F', config, 'server', 'echo in; cat']),
  );
  const said = sessions.map(() => '');
  for (const [at, { stdout }] of sessions.entries())
    stdout.on('data', (text) => {
      said[at] += String(text);
    });
  await waitFor('the sessions', () => said.every((text) => text === 'in\n'), 30_000);
  const pids = (await mustRun(['ip', 'netns', 'pids', bed.client.name])).stdout.split('\n').filter(Boolean);
  const helpersOfSsh = pids.filter((pid) => programOf(pid) !== 'ssh');
  const sum = (field: Field) => helpersOfSsh.reduce((all, pid) => all + kibibytes(pid, field), 0);
  const memory = Object.fromEntries(FIELDS.map((field) => [field, sum(field) / 1024 / SESSIONS]));
  for (const { stdin } of sessions) stdin.end();
  await waitFor('their end', () => sessions.every(({ exitCode }) => exitCode !== null), 30_000);
  return memory as Record<Field, number>;
}

function programOf(pid: string): string {
  return readFileSync(join('/proc', pid, 'comm'), 'utf8').trim();
}

function kibibytes(pid: string, field: Field): number {
  const text = readFileSync(join('/proc', pid, 'smaps_rollup'), 'utf8');
  const values = [...text.matchAll(new RegExp(`^${field}(?:_Clean|_Dirty)?: +(\\d+) kB$`, 'gm'))];
  return values.reduce((sum, [, value]) => sum + Number(value), 0);
}
