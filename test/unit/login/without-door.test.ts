import { expect, it } from 'vitest';
import { connectWithoutDoor, type DoorlessLogin } from '../../../src/login/without-door.ts';
import type { Target } from '../../../src/network/resolve.ts';
import { closedPort, listen } from './loopback.ts';

interface Row {
  readonly undecided?: DoorlessLogin['undecided'];
  readonly hasOpened?: boolean;
  readonly connectTimeoutMs?: number;
}

/** What a login to a host without a door says, and what it forgets. */
async function connect(target: Target, { undecided, hasOpened = false, connectTimeoutMs }: Row) {
  const [warnings, forgotten] = [[] as string[], [] as Target[]];
  const state = { hasOpened: () => hasOpened, forget: (which: Target) => void forgotten.push(which) };
  const report = { warning: (text: string) => void warnings.push(text), debug() {} };
  const login = {
    host: 'h',
    alias: 'web',
    targets: [target],
    hints: ['a hint'],
    undecided,
    connectTimeoutMs,
  };
  try {
    (await connectWithoutDoor({ ...login, state, report }, {})).destroy();
    return { warnings, forgotten };
  } catch (error) {
    return { warnings, forgotten, error };
  }
}

const warning = (seconds: number) =>
  `no door is configured for web, which had one: no knocks were sent; trying to connect for at most ${seconds} s`;

it.each<[string, Row, string[], number]>([
  ['a host that never had a door', { undecided: 'unknown' }, [], 0],
  ['one whose door opened once', { undecided: 'unknown', hasOpened: true }, [warning(20)], 1],
  ['one with a block of ours', { undecided: 'managed' }, [warning(20)], 0],
  ['one with a ConnectTimeout', { undecided: 'managed', connectTimeoutMs: 4500 }, [warning(5)], 0],
  ['one that is said to have none', { hasOpened: true }, [], 0],
])('warns of %s', async (_, row, warnings, forgotten) => {
  const { target, close } = await listen();
  const found = await connect(target, row);
  close();
  expect(found).toEqual({ warnings, forgotten: Array(forgotten).fill(target) });
});

it('says how to get the door back when nothing answers, and remembers that it had one', async () => {
  const { error, forgotten } = await connect(await closedPort(), { undecided: 'unknown', hasOpened: true });
  expect(error).toMatchObject({ hints: ['a hint', 'to configure its door again: knockproxy add web'] });
  expect(forgotten).toEqual([]);
});
