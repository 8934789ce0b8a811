import { once } from 'node:events';
import { type Impairment, waitFor } from '../netns/index.ts';
import { knockd } from './doors.ts';
import { ALL_OPEN, type Ask, extraAtMost, type Row } from './row.ts';
import type { Stage } from './stage.ts';

/** sshd is given one connection a login, and no other program behind the door gets more. */
export const ONE_CONNECTION_ROWS: readonly Row[] = [
  ...[0, 20, 100].map((rttMs) =>
    strayRow(`no strays at ${rttMs} ms RTT`, { delayMs: rttMs / 2 }, 500, 10, 0),
  ),
  strayRow('one stray in 200 logins at 5 % loss', { delayMs: 10, lossPct: 5 }, 200, 6, 1),
  strayRow('one stray in 200 logins at 50 ms jitter', { delayMs: 10, jitterMs: 50 }, 200, 6, 1),
  ...[0, 20, 100].map(onceRow),
];

function strayRow(name: string, line: Impairment, full: number, ci: number, most: number): Row {
  return {
    name,
    stage: { line },
    full,
    ci,
    run: async (stage, rounds) => ({ logins: await stage.halfByNewcomers(rounds) }),
    asks: [ALL_OPEN, straysAtMost(most)],
  };
}

function straysAtMost(most: number): Ask {
  return { what: 'strays', value: ({ strayPct, logins }) => (strayPct * logins) / 100, most };
}

/** `nc -l` ends with its first connection: one that nobody uses leaves none for the login. */
function onceRow(rttMs: number): Row {
  return {
    name: `a listener that serves one connection, ${rttMs} ms RTT`,
    stage: { line: { delayMs: rttMs / 2 }, door: knockd() },
    full: 20,
    ci: rttMs === 20 ? 20 : 6,
    async run(stage, rounds) {
      await stage.sshd.stop();
      const regular = stage.newcomer();
      let [served, surplus] = [0, 0];
      for (let n = 0; n < rounds; n++) {
        const before = stage.connections();
        served += Number(await servedOnce(stage, n % 2 === 0 ? stage.newcomer() : regular, `login ${n}\n`));
        surplus += stage.connections() - before - 1;
        await stage.shut();
      }
      return { logins: [], extra: { 'not served': rounds - served, 'surplus connections': surplus } };
    },
    asks: [extraAtMost('not served', 0), extraAtMost('surplus connections', 0)],
  };
}

/** Whether the only connection that the listener ever gets is this login's. */
async function servedOnce(stage: Stage, env: Record<string, string>, text: string): Promise<boolean> {
  const { server, client } = stage.bed;
  const listener = server.spawn('nc', ['-l', '-N', '22']);
  const ended = once(listener, 'close');
  let heard = '';
  listener.stdout.on('data', (data) => {
    heard += data;
  });
  listener.stdin.end('welcome\n');
  await waitFor('nc to listen', async () => (await server.must('ss', ['-Hltn', 'sport = :22'])).stdout);
  const [command = '', ...args] = [...stage.command, server.ip, '22', 'h', 'u'];
  const { stdout } = await client.exec(command, args, { env, input: text });
  await stage.settle();
  listener.kill();
  await ended;
  return stdout === 'welcome\n' && heard === text;
}
