import { machineUnavailable } from '../test/machine/available.ts';
import { interruptions } from '../test/machine/interrupt.ts';
import { DOORS, type DoorName, KINDS, type KindName } from '../test/machine/kinds.ts';
import { Site } from '../test/machine/site.ts';
import { openKind, walk } from '../test/machine/walk.ts';
import { randomFrom } from './lib/random.ts';

/** Logins after `keep` and after the reboot. */
const LOGINS = 10;
const INTERRUPTIONS = 200;

/**
 * Every door on every kind of machine: installed, proved, kept, its firewall reloaded, rebooted, rotated, removed to the
 * byte; then 200 commands killed at random moments. BENCH_ROWS picks rows whose names hold one of its words.
 */
export async function run(): Promise<void> {
  const reason = machineUnavailable();
  if (reason !== undefined) throw new Error(`no machine can be booted here: ${reason}`);
  const wanted = process.env.BENCH_ROWS?.split(',');
  const isWanted = (name: string) => wanted === undefined || wanted.some((word) => name.includes(word));
  for (const kind of Object.keys(KINDS) as KindName[]) {
    for (const door of Object.keys(DOORS) as DoorName[]) {
      if (isWanted(`${kind}: ${door}`)) await row(`${kind}: ${door}`, () => walkOne(kind, door));
    }
  }
  if (isWanted('interruptions')) await row(`${INTERRUPTIONS} interruptions`, interruptAll);
}

async function walkOne(kind: KindName, door: DoorName): Promise<void> {
  await using site = await openKind(kind);
  const started = performance.now();
  await walk(site, kind, door, LOGINS, (step) => {
    process.stderr.write(`  ${((performance.now() - started) / 1000).toFixed(1)} s: ${step}\n`);
  });
}

async function interruptAll(): Promise<void> {
  await using site = await Site.open();
  await interruptions(site, INTERRUPTIONS, randomFrom(Number(process.env.BENCH_SEED ?? 1)));
}

async function row(name: string, body: () => Promise<void>): Promise<void> {
  const started = performance.now();
  const result = await body().then(
    () => 'ok',
    (error: Error) => {
      process.exitCode = 1;
      return `FAILED: ${error.stack}`;
    },
  );
  process.stdout.write(`${name}: ${result} (${Math.round((performance.now() - started) / 1000)} s)\n`);
}
