import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { REPOSITORY } from '../netns/index.ts';
import { quantile } from './figures.ts';
import { LIMIT_SOURCE, type Login, untilBanner } from './login.ts';
import type { Stage } from './stage.ts';

/** It knocks once: where that was lost, it waits for ever. */
const LIMIT_GIVES_UP_MS = 2000;

/** What others need for the same login. */
export class Beside {
  private readonly limits: Login[] = [];
  private readonly recipes: Login[] = [];
  private readonly nodes: number[] = [];

  constructor(private readonly stage: Stage) {}

  /** One login by the C program, and one start of Node. */
  async limit(): Promise<void> {
    const { bed, sequence } = this.stage;
    const argv = [limitProgram(), bed.server.ip, '22', ...sequence];
    this.limits.push(await untilBanner(bed.client, argv, { killAfterMs: LIMIT_GIVES_UP_MS }));
    await this.stage.shut();
    this.nodes.push((await bed.client.must(process.execPath, ['-e', '0'])).ms);
  }

  /** One login by the article's recipe. */
  async recipe(): Promise<void> {
    const { bed, sequence } = this.stage;
    const { ip } = bed.server;
    const recipe = `knock -d 100 ${ip} ${sequence.join(' ')}; sleep 0.1; exec nc -N ${ip} 22`;
    this.recipes.push(await untilBanner(bed.client, ['sh', '-c', recipe], { killAfterMs: 8000 }));
    await this.stage.shut();
  }

  /** Medians in ms; NaN where nothing was measured. `aboveLimitMs`: of logins, Node's start apart. */
  figures(logins: readonly Login[]): Record<string, number> {
    const [limitMs, recipeMs] = [medianMs(this.limits), medianMs(this.recipes)];
    const nodeMs = quantile(this.nodes, 0.5);
    const recipeOpened = this.recipes.filter(({ opened }) => opened).length;
    return {
      ...(this.limits.length > 0 && { limitMs, nodeMs, aboveLimitMs: medianMs(logins) - limitMs - nodeMs }),
      ...(this.recipes.length > 0 && { recipes: this.recipes.length, recipeOpened, recipeMs }),
    };
  }
}

function medianMs(logins: readonly Login[]): number {
  return quantile(
    logins.filter(({ opened }) => opened).map(({ ms }) => ms),
    0.5,
  );
}

/** Path of the compiled bench/limit.c; kept in node_modules/.cache by a hash of its source. */
function limitProgram(): string {
  const cache = `${REPOSITORY}/node_modules/.cache/knockproxy`;
  const hash = createHash('sha256').update(readFileSync(LIMIT_SOURCE)).digest('hex').slice(0, 16);
  const program = `${cache}/limit-${hash}`;
  if (existsSync(program)) return program;
  mkdirSync(cache, { recursive: true });
  const fresh = `${program}.${randomBytes(4).toString('hex')}`;
  execFileSync('cc', ['-O2', '-o', fresh, LIMIT_SOURCE], { stdio: ['ignore', 'inherit', 'inherit'] });
  renameSync(fresh, program);
  return program;
}
