import path from 'node:path';
import { expect, it } from 'vitest';
import { HistoryStore } from '../../../src/coordination/history-store.ts';
import { lockPaths } from '../../../src/coordination/lock-paths.ts';
import { closeDoor } from '../../../src/login/close-door.ts';
import { knockOnce } from '../../../src/login/knock-only.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { keepOpening } from './others.ts';
import { Udp } from './udp.ts';

/** Other processes open doors of the same machine again and again, as on a busy host. */
it.each([
  ['open', (scene: Scene) => knockOnce(scene)],
  ['close', (scene: Scene) => closeDoor({ ...scene, ...scene.place, target: scene.target, times: 1 }, 500)],
] as const)('%s sends its sequence all the same while others keep opening doors', async (_, act) => {
  const udp = await Udp.listen();
  const target = { address: '127.0.0.1', family: 4, port: 9 } as const;
  const state = new HistoryStore(path.join(temporaryFolder(), 'state'));
  const place = lockPaths(target, state);
  const stop = keepOpening(place.lockFile, 'another door');
  const steps = [udp.step];
  const door = { source: { kind: 'sequence', steps }, where: 'test' } as const;
  const obtain = async () => ({ candidates: [steps] });
  await act({ target, targets: [target], state, place, steps, door, obtain });
  await stop();
  expect(udp.received.length).toBeGreaterThan(0);
  udp.close();
});

type Scene = Parameters<typeof knockOnce>[0] & {
  readonly place: ReturnType<typeof lockPaths>;
  readonly target: Parameters<typeof lockPaths>[0];
  readonly steps: readonly Udp['step'][];
};
