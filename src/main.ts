import { CLOSER, parseProxyArgv } from './argv.ts';
import { disconnectInBand } from './handover/disconnect.ts';
import { proxy } from './proxy.ts';
import { exitNow, exitSoon, hasLookup } from './util/exit.ts';
import { errorLines, Log, toKnockproxyError } from './util/log.ts';

const log = new Log();

async function main(argv: string[]): Promise<void> {
  if (argv.length === 1 && argv[0] === CLOSER)
    return (await import('./login/background-close.ts')).runCloser();
  const args = parseProxyArgv(argv);
  if (args === undefined) {
    const { run } = await import('./cli/run-command.ts');
    await run(argv);
    return endLookup();
  }
  await proxy(args, log);
  process.exit(0);
}

/** An abandoned lookup would keep Node running. */
async function endLookup(): Promise<void> {
  if (!(await hasLookup())) return;
  await new Promise((resolve) => process.stdout.write('', resolve));
  exitNow(Number(process.exitCode ?? 0));
}

let hasFailed = false;

async function fail(cause: unknown): Promise<void> {
  const error = toKnockproxyError(cause);
  if (hasFailed) exitNow(error.exitCode);
  hasFailed = true;
  log.error(error);
  const [what, step] = [errorLines(error)[0]!, error.hints.at(-1)];
  await disconnectInBand(step === undefined ? what : `${what}; ${step}`);
  await exitSoon(error.exitCode);
}

process.on('uncaughtException', fail);
main(process.argv.slice(2)).catch(fail);
