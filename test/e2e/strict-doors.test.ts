import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { describeBed } from '../netns/describe.ts';
import { DEBIAN_SEQUENCE, knockdConf, type Step } from '../netns/index.ts';
import { killAll } from '../netns/kill.ts';
import { ban, type DoorKind, knockd, nft } from '../reliability/doors.ts';
import type { Login } from '../reliability/login.ts';
import { Stage, type StageOptions } from '../reliability/stage.ts';

const FIRST_PORT = 7000;
/** More than KnockTimeout 30. */
const HUNG_MS = 40_000;
/** Most of them wait: several run at once. */
const WAITS = { timeout: 120_000 };
/** Logins after which a door counts as learned. */
const LEARNED = 3;

describeBed('a slow door', () => {
  test.concurrent.each([
    { meanwhile: 'nothing', answer: undefined },
    { meanwhile: 'RST', answer: 'tcp-reset' as const },
  ])(
    'opens after 3 s, with $meanwhile meanwhile; once learned, its command runs once a login',
    WAITS,
    async ({ answer }) => {
      await using stage = await open({ door: slowKnockd(3, answer) });
      const regular = stage.newcomer();
      for (let n = 0; n < LEARNED; n++) {
        expect(await login(stage, regular)).toMatchObject({ opened: true });
        await forget(stage);
      }
      const before = stage.door.knockd!.opened();
      expect(await login(stage, regular)).toMatchObject({ opened: true });
      await delay(500); // knockd logs at the next look at its packets
      expect(stage.door.knockd!.opened() - before).toBe(1);
    },
  );

  test.concurrent('opens after 12 s with KnockTimeout 30', WAITS, async () => {
    await using stage = await open({ door: slowKnockd(12), lines: ['KnockTimeout 30'] });
    expect(await login(stage)).toMatchObject({ opened: true });
  });
});

describeBed('a door that bans an address for 5 s, anew with each packet that is not the next step,', () => {
  test.concurrent.each([
    { who: 'at first contact', logins: 0 },
    { who: 'once learned', logins: LEARNED },
  ])('opens by the second sequence after a lost knock, $who', WAITS, async ({ logins }) => {
    await using stage = await open({ door: ban(), lines: ['KnockTimeout 30'] });
    const regular = stage.newcomer();
    for (let n = 0; n < logins; n++) {
      expect(await login(stage, regular)).toMatchObject({ opened: true, sequences: 1 });
      await stage.shut();
    }
    await stage.bed.wire.drop('toServer', 'tcp', 8000);
    const { opened, sequences, stderr } = await login(stage, regular);
    expect({ opened, sequences }, stderr).toEqual({ opened: true, sequences: 2 });
  });
});

describeBed('a sequence with a step that is not like others', () => {
  test.concurrent('opens where something listens on the port of a step', WAITS, async () => {
    await using stage = await openWithListener(knockd({ sequence: DEBIAN_SEQUENCE }));
    expect(await login(stage)).toMatchObject({ opened: true });
  });

  test.concurrent(
    'opens or says why where, besides, knockd takes each packet for a knock',
    WAITS,
    async () => {
      await using stage = await openWithListener(knockd({ sequence: DEBIAN_SEQUENCE, tcpflags: false }));
      expectOpenOr(await login(stage), /answer|listen/);
    },
  );

  test.concurrent.each([
    { where: 'in the middle', sequence: steps(FIRST_PORT, 22, 9000) },
    { where: 'at the end', sequence: steps(FIRST_PORT, 8000, 22) },
  ])('opens or says why before it sends, with the hidden port $where', WAITS, async ({ sequence }) => {
    await using stage = await open({ door: knockd({ sequence }) });
    const result = await login(stage);
    expectOpenOr(result, /hidden port|step/);
    if (!result.opened) expect(result.sequences).toBe(0);
  });

  test.concurrent.each([
    { kind: 'nftables', door: nft({ blacklist: true }, steps(FIRST_PORT)) },
    { kind: 'knockd', door: trapped() },
  ])(
    'opens a door of one step with trap ports beside it after a lost knock, $kind',
    WAITS,
    async ({ door }) => {
      await using stage = await open({ door });
      await stage.bed.wire.drop('toServer', 'tcp', FIRST_PORT);
      expect(await login(stage)).toMatchObject({ opened: true });
    },
  );
});

type Opened = Stage & AsyncDisposable;

async function open(options: StageOptions): Promise<Opened> {
  const stage = await Stage.open(options);
  return Object.assign(stage, { [Symbol.asyncDispose]: () => stage.close() });
}

/** With a listener on the second step's port, to which the firewall lets everybody. */
async function openWithListener(door: DoorKind): Promise<Opened> {
  const stage = await open({ door, line: {} });
  const { server } = stage.bed;
  await server.must('iptables', ['-A', 'INPUT', '-p', 'tcp', '--dport', '8000', '-j', 'ACCEPT']);
  server.spawn('nc', ['-lk', '8000'], { stdio: 'ignore' });
  await expect.poll(() => stage.bed.client.probe(server.ip, 8000), { timeout: 5000 }).toBe('open');
  await stage.settle(); // a knock to knockd, that one
  await stage.door.knockd!.restart();
  await server.resetCounts();
  return stage;
}

/** One login; `sequences` as they arrived. */
async function login(stage: Stage, env = stage.newcomer()): Promise<Login> {
  const { server } = stage.bed;
  const before = await server.countSyn(FIRST_PORT);
  const result = await stage.login(env, { killAfterMs: HUNG_MS });
  await stage.settle();
  return { ...result, sequences: (await server.countSyn(FIRST_PORT)) - before };
}

/** Shuts the door, and ends commands that would open it later. */
async function forget(stage: Stage): Promise<void> {
  await stage.settle();
  await killAll(stage.bed.server, 'sleep');
  await stage.shut();
}

function slowKnockd(seconds: number, answer?: 'tcp-reset'): DoorKind {
  const conf = knockdConf({ sequence: DEBIAN_SEQUENCE, cmdTimeoutS: 0 });
  const slow = conf.replace(/(start_command +=) /g, `$1 sleep ${seconds} && `);
  return knockd({ sequence: DEBIAN_SEQUENCE, conf: slow, ...(answer && { answer }) });
}

/** knockd with a rule of one step, behind traps on all other ports but the hidden one: they ban for a minute. */
function trapped(): DoorKind {
  const traps = [
    '-A INPUT -m recent --name TRAP --rcheck --seconds 60 -j DROP',
    `-A INPUT -p tcp -m multiport ! --dports ${FIRST_PORT},22 -m recent --name TRAP --set -j DROP`,
    '-A INPUT -p udp -m recent --name TRAP --set -j DROP',
  ];
  const conf = knockdConf({ sequence: steps(FIRST_PORT), cmdTimeoutS: 0 });
  const kind = knockd({ sequence: steps(FIRST_PORT), conf: conf.replaceAll('-I INPUT 1', '-A INPUT') });
  return {
    ...kind,
    async start(server) {
      const door = await kind.start(server);
      await server.firewall.limited(traps);
      return door;
    },
  };
}

function steps(...ports: number[]): Step[] {
  return ports.map((port): Step => `${port}:tcp`);
}

function expectOpenOr({ opened, stderr }: Login, reason: RegExp): void {
  if (!opened) expect(stderr).toMatch(new RegExp(`^knockproxy: (error|hint): .*(${reason.source})`, 'm'));
}
