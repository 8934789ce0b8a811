import { bedUnavailable } from '../test/netns/index.ts';

/** Each is a file beside this one that exports run(). */
const BENCHES = [
  'login',
  'startup',
  'throughput',
  'sessions',
  'lookup',
  'many',
  'fleet',
  'spa',
  'via',
  'certain',
  'hardened',
  'server',
];

const wanted = process.argv.length > 2 ? process.argv.slice(2) : BENCHES;
const unknown = wanted.filter((name) => !BENCHES.includes(name));
const reason = bedUnavailable();
if (unknown.length > 0) {
  process.stderr.write(`no such bench: ${unknown.join(', ')}; there are ${BENCHES.join(', ')}\n`);
  process.exitCode = 2;
} else if (reason !== undefined) {
  process.stderr.write(`nothing measured: ${reason}\n`);
  process.exitCode = 1;
} else {
  for (const name of wanted) await runBench(name);
}

async function runBench(name: string): Promise<void> {
  const { run } = (await import(`./${name}.ts`)) as { run: () => Promise<void> };
  await run();
}
