import path from 'node:path';
import { expect, it } from 'vitest';
import { closeDoor } from '../../../src/opener/close.ts';
import { placeOf } from '../../../src/opener/meeting-place.ts';
import { knockOnce } from '../../../src/opener/once.ts';
import { State } from '../../../src/opener/state.ts';
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
  const state = new State(path.join(temporaryFolder(), 'state'));
  const place = placeOf(target, state);
  const stop = keepOpening(place.turnFile, 'another door');
  const steps = [udp.step];
  const door = { source: { kind: 'sequence', steps }, where: 'test' } as const;
  const obtain = async () => ({ candidates: [steps] });
  await act({ target, targets: [target], state, place, steps, door, obtain });
  await stop();
  expect(udp.received.length).toBeGreaterThan(0);
  udp.close();
});

type Scene = Parameters<typeof knockOnce>[0] & {
  readonly place: ReturnType<typeof placeOf>;
  readonly target: Parameters<typeof placeOf>[0];
  readonly steps: readonly Udp['step'][];
};
