import path from 'node:path';
import { expect, it } from 'vitest';
import { HistoryStore } from '../../../src/coordination/history-store.ts';
import { takeKnockLock } from '../../../src/coordination/knock-lock.ts';
import { lockPaths } from '../../../src/coordination/lock-paths.ts';
import { loginBehindDoor } from '../../../src/login/behind-door.ts';
import { NO_HISTORY } from '../../../src/plan/history.ts';
import { Log } from '../../../src/util/log.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { door, HOST, THREE } from './fake-login.ts';
import type { FakeSocket } from './fake-sockets.ts';
import { EPOCH_MS, type FakeServer, FakeWorld } from './fake-world.ts';

/** A login of this user beside another one, which has the lock. */
class Scene {
  readonly world: FakeWorld;
  readonly state = new HistoryStore(path.join(temporaryFolder(), 'state'));
  readonly paths = lockPaths(HOST, this.state);

  constructor(server: FakeServer) {
    this.world = new FakeWorld(server);
  }

  /** @param opened the door that the other login says to be open; undefined: it ends without a word. */
  async otherReleases(atMs: number, opened?: string): Promise<void> {
    const { clock, sockets } = this.world;
    const taken = await takeKnockLock({ file: this.paths.lockFile, waitMs: 1, clock, sockets });
    if (taken.kind !== 'locked') throw new Error(taken.kind);
    this.world.at(atMs, () => taken.lock.release(opened));
  }

  /** The kernel accepts for a process that is stopped. @param said what it sent before. */
  otherIsStopped(said = ''): void {
    const accept = (socket: FakeSocket) => socket.write(said);
    const server = this.world.sockets.createServer(accept as never);
    server.listen(this.paths.lockFile, () => {});
  }

  async login(): Promise<void> {
    const { steps } = THREE;
    const connected = loginBehindDoor({
      host: 'host',
      door: { source: { kind: 'sequence', steps }, where: 'test' },
      obtain: async () => ({ candidates: [steps] }),
      targets: [HOST],
      deadlineMs: 8000,
      limitMs: 8000,
      beganMs: 0,
      report: new Log(),
      state: this.state,
      environment: this.world.environment,
    });
    await this.world.run(connected.then(({ afterHandover }) => afterHandover()));
  }

  get knocks(): number {
    return this.world.knocks.length;
  }

  /** Whether no connect was made before the knocks. */
  get knockedFirst(): boolean {
    const lastKnockMs = this.world.knocks.at(-1)!.atMs;
    return this.world.synsMs.every((ms) => ms >= lastKnockMs);
  }
}

/** Open from then on. */
const openFrom = (openMs: number): FakeServer => ({ syn: (atMs) => (atMs >= openMs ? 'open' : undefined) });

it('connects without a knock when the login with the lock says that the door is open', async () => {
  const scene = new Scene(openFrom(500));
  await scene.otherReleases(500, scene.paths.doorName);
  await scene.login();
  expect(scene.knocks).toBe(0);
  expect(scene.world.synsMs).toEqual([500]);
});

it('knocks when it has opened another door', async () => {
  const scene = new Scene(door(70));
  await scene.otherReleases(500, 'another door');
  await scene.login();
  expect(scene.knocks).toBe(THREE.steps.length);
  expect(scene.world.knocks[0]!.atMs).toBeGreaterThanOrEqual(500);
  expect(scene.knockedFirst).toBe(true);
});

it('connects without a knock when another login has opened the door since this one began', async () => {
  const scene = new Scene(openFrom(200));
  await scene.otherReleases(500);
  scene.world.at(200, () => scene.state.save(HOST, { ...NO_HISTORY, openedAt: EPOCH_MS + 200 }));
  await scene.login();
  expect(scene.knocks).toBe(0);
  expect(scene.world.synsMs).toEqual([500]);
});

it('knocks when another login opened the door before this one began', async () => {
  const scene = new Scene(door(70));
  scene.state.save(HOST, { ...NO_HISTORY, openedAt: EPOCH_MS - 60_000 });
  await scene.login();
  expect(scene.knocks).toBe(THREE.steps.length);
  expect(scene.knockedFirst).toBe(true);
});

it('knocks after 2 s when the login with the lock is stopped', async () => {
  const scene = new Scene(door(70));
  scene.otherIsStopped();
  await scene.login();
  expect(scene.world.knocks[0]!.atMs).toBe(2000);
  expect(scene.knocks).toBe(THREE.steps.length);
});

it('knocks after 65 s when it is stopped while it asks for a PIN, which costs no time of this login', async () => {
  const scene = new Scene(door(3000));
  scene.otherIsStopped('asking\n');
  await scene.login();
  expect(scene.world.knocks[0]!.atMs).toBe(65_000);
  expect(scene.world.nowMs).toBeGreaterThan(68_000);
});
