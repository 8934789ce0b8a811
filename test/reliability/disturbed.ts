import { setTimeout as delay } from 'node:timers/promises';
import { Random } from '../model/random.ts';
import { knockd } from './doors.ts';
import { quantile } from './figures.ts';
import { oneByOne } from './lines.ts';
import type { Login } from './login.ts';
import { ALL_OPEN, extraAtMost, type Row } from './row.ts';
import type { Stage } from './stage.ts';

/** By this time after its start a login has knocked and connected, on a machine that is not too busy. */
const LOGIN_MS = 250;
/** Node starts before it does anything. */
const START_MS = 50;
/** Clean logins that a row compares with. */
const CLEAN_LOGINS = 10;

const KILLED: Row = {
  name: 'after kill -9 at a random moment',
  stage: {},
  full: 100,
  ci: 10,
  async run(stage, rounds) {
    const clean = await oneByOne(stage, CLEAN_LOGINS, 'learned');
    const cleanMs = quantile(
      clean.map(({ ms }) => ms),
      0.5,
    );
    const env = stage.newcomer();
    for (let n = 0; n < CLEAN_LOGINS; n++) await stage.counted(env);
    const random = new Random(stage.bed.wire.seed);
    const logins: Login[] = [];
    while (logins.length < rounds) {
      await stage.login(env, { killAfterMs: random.int(0, LOGIN_MS) });
      logins.push(await stage.counted(env));
    }
    const slowestMs = Math.max(...logins.map(({ ms }) => ms));
    return { logins, extra: { cleanMs, slowestAboveCleanMs: slowestMs - cleanMs } };
  },
  asks: [ALL_OPEN, extraAtMost('slowestAboveCleanMs', 400, true)],
};

/** Something happens to the server at a random moment of each login. */
function disturbed(
  name: string,
  full: number,
  disturb: (stage: Stage, login: Promise<Login>, afterMs: number) => Promise<unknown>,
): Row {
  return {
    name,
    stage: {},
    full,
    ci: 4,
    async run(stage, rounds) {
      const env = stage.newcomer();
      const random = new Random(stage.bed.wire.seed);
      const logins: Login[] = [];
      while (logins.length < rounds) {
        await stage.shut();
        const login = stage.login(env);
        await disturb(stage, login, random.int(START_MS, LOGIN_MS));
        logins.push(await login);
      }
      return { logins };
    },
    asks: [ALL_OPEN],
  };
}

async function restartKnockd(stage: Stage, _: unknown, afterMs: number): Promise<void> {
  await delay(afterMs);
  await stage.door.knockd!.restart();
}

async function flushFirewall(stage: Stage, _: unknown, afterMs: number): Promise<void> {
  await delay(afterMs);
  await stage.door.removeRules();
}

/** The worst moment: as soon as the rule is there. */
async function deleteRule(stage: Stage, login: Promise<Login>): Promise<void> {
  const { server, seenIp } = stage.bed;
  const rule = `iptables -w -D INPUT -s ${seenIp} -p tcp --dport 22 -j ACCEPT`;
  const deleter = server.spawn('sh', ['-c', `until ${rule} 2>/dev/null; do :; done`]);
  await login;
  deleter.kill('SIGKILL');
}

/** An earlier login's stop command runs a second after it, in the middle of the next one. */
const STOP_COMMAND: Row = {
  name: "rule deleted by an older login's stop_command",
  stage: { door: knockd({ cmdTimeoutS: 1 }) },
  full: 20,
  ci: 3,
  async run(stage, rounds) {
    const env = stage.newcomer();
    const random = new Random(stage.bed.wire.seed);
    const logins: Login[] = [];
    while (logins.length < rounds) {
      await stage.shut();
      await stage.login(env);
      const openMs = performance.now();
      await stage.door.removeRules();
      await delay(openMs + 1000 - random.int(START_MS, LOGIN_MS) - performance.now());
      logins.push(await stage.login(env));
    }
    return { logins };
  },
  asks: [ALL_OPEN],
};

export const DISTURBED_ROWS: readonly Row[] = [
  KILLED,
  disturbed('knockd restarted during the login', 50, restartKnockd),
  disturbed('firewall flushed during the login', 50, flushFirewall),
  disturbed('rule deleted during the login', 20, deleteRule),
  STOP_COMMAND,
];
