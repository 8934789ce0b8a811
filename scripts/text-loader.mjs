import { readFileSync } from 'node:fs';
import { register } from 'node:module';
import { isMainThread } from 'node:worker_threads';

/** For tsx, as `--import`: a `.sh` file imports as its text, as scripts/build.mjs has it. Hooks run in a thread of Node's. */
if (isMainThread) register(import.meta.url);

export function load(url, context, nextLoad) {
  if (!url.endsWith('.sh')) return nextLoad(url, context);
  const text = JSON.stringify(readFileSync(new URL(url), 'utf8'));
  return { format: 'module', shortCircuit: true, source: `export default ${text};` };
}
