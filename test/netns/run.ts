import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';

/** How one finished command ended. `ms` runs from the spawn call to the exit of the process. */
export interface RunResult {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
  ms: number;
  timedOut: boolean;
}

export interface RunOptions {
  /** Laid over process.env; a variable set to undefined is removed. */
  env?: Record<string, string | undefined>;
  cwd?: string;
  /** Written to stdin, which is then closed. */
  input?: string | Uint8Array;
  /** After this many ms the process gets SIGKILL and `timedOut` is true. Default 30 000. */
  timeoutMs?: number;
}

/** Runs a command to its end. A bad exit code is a result, not an error; only a failed spawn rejects. */
export function run(argv: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const started = performance.now();
  const child = spawnArgv(argv, { cwd: options.cwd, env: { ...process.env, ...options.env } });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  let ms = 0;
  let timedOut = false;
  child.stdout?.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => stderr.push(chunk));
  child.stdin?.on('error', () => {}); // a command may end without reading its input
  child.stdin?.end(options.input ?? '');
  const timer = setTimeout(() => {
    timedOut = true;
    abandon(child);
  }, options.timeoutMs ?? 30_000);
  return new Promise((resolve, reject) => {
    child.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.on('exit', () => {
      ms = performance.now() - started;
    });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      resolve({
        code,
        signal,
        stdout: `${Buffer.concat(stdout)}`,
        stderr: `${Buffer.concat(stderr)}`,
        ms,
        timedOut,
      });
    });
  });
}

/** Like run(), but any end other than exit code 0 is an error that carries the output. */
export async function mustRun(argv: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const result = await run(argv, options);
  if (result.code === 0) return result;
  const how = result.timedOut ? 'took too long' : `ended with ${result.signal ?? result.code}`;
  throw new Error(`${argv.join(' ')} ${how}\n${result.stderr}${result.stdout}`);
}

/** child_process.spawn for a whole command line. */
export function spawnArgv(argv: readonly string[], options: SpawnOptions = {}): ChildProcess {
  const [command, ...args] = argv;
  if (command === undefined) throw new Error('empty command');
  return spawn(command, args, options);
}

/** Kills a child and stops listening to it: a grandchild may hold its pipes open for ever. */
function abandon(child: ChildProcess): void {
  child.kill('SIGKILL');
  child.stdout?.destroy();
  child.stderr?.destroy();
}
