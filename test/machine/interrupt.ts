import { existsSync, lstatSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { waitFor } from '../netns/wait.ts';
import { HOST, type Site } from './site.ts';

const PROGRAM = 'sh /usr/local/sbin/knockproxy-door';

type State = 'none' | 'trial' | 'kept';

/** What was interrupted, and when. */
export interface Interruption {
  readonly command: string;
  readonly ms: number;
  readonly before: State;
  readonly after: State;
}

/**
 * Commands of a door's life, each killed with all its children at a random moment. After each one either the door works
 * and the port is shut, or nothing was kept and the port is open.
 *
 * @param random uniform in [0, 1).
 * @throws where somebody would be locked out, or a kept port stays open.
 */
export async function interruptions(
  site: Site,
  rounds: number,
  random: () => number,
): Promise<Interruption[]> {
  const all: Interruption[] = [];
  for (let round = 0; round < rounds; round++) {
    const before = stateOf(site);
    const { command, run, longestMs } = await next(site, before, random);
    const ms = Math.round(random() * longestMs);
    await run(ms);
    const one = { command, ms, before, after: stateOf(site) };
    await isSafe(site).catch((error: Error) => {
      throw new Error(`round ${round + 1}, ${JSON.stringify(one)}: ${error.message}`, { cause: error });
    });
    all.push(one);
  }
  return all;
}

function stateOf(site: Site): State {
  if (isThere(join(site.machine.root, 'etc/knockproxy/kept'))) return 'kept';
  return 'none';
}

function isThere(path: string): boolean {
  return existsSync(path) || lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

interface Attempt {
  readonly command: string;
  readonly longestMs: number;
  run(ms: number): Promise<unknown>;
}

async function next(site: Site, state: State, random: () => number): Promise<Attempt> {
  const there = (command: string, longestMs: number): Attempt => ({
    command,
    longestMs,
    run: (ms) => site.console(`timeout -s KILL ${ms / 1000} ${command}`),
  });
  if (state === 'kept') {
    if (random() < 0.6) return rotation();
    return there(`${PROGRAM} remove`, 1500);
  }
  const trial = (await site.console('test -e /run/knockproxy/trial/until')).code === 0;
  if (!trial || random() < 0.2) {
    if ((await site.console('test -e door/door.conf')).code !== 0) await copyAgain(site);
    return there('sh door/install.sh --undo 30', 4000);
  }
  await site.logIn();
  return there('sh door/install.sh keep', 3000);

  function rotation(): Attempt {
    const command = `knockproxy rotate ${HOST} --yes`;
    return { command, longestMs: 8000, run: (ms) => site.client(`timeout -s KILL ${ms / 1000} ${command}`) };
  }
}

/** With a new secret; what an interrupted remove has left is cleaned up by the guard, or by the next install. */
async function copyAgain(site: Site): Promise<void> {
  await waitFor('the port to open', async () => (await site.port()) === 'open', 60_000);
  await site.console('rm -rf door');
  await site.generate();
}

async function isSafe(site: Site): Promise<void> {
  const deadline = performance.now() + 40_000;
  let last = '';
  while (performance.now() < deadline) {
    if ((await site.port()) === 'open') {
      if (stateOf(site) !== 'kept') return;
      last = 'kept, and open';
    } else {
      const login = await site.logIn();
      if (login.stdout === 'in\n') return;
      last = `shut, and no login: ${login.stderr}`;
    }
    await delay(500);
  }
  throw new Error(last);
}
