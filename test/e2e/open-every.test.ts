import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeBed } from '../netns/describe.ts';
import { ARTICLE_SEQUENCE, waitFor } from '../netns/index.ts';
import { KNOCK_SEQUENCE } from './person.ts';
import { Scene } from './scene.ts';

describeBed('knockproxy open --every', () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await Scene.open();
    scene.person.write('knock_config', [`Host ${scene.bed.server.ip}`, KNOCK_SEQUENCE]);
  });
  afterAll(() => scene?.close());
  const FIRST = Number(ARTICLE_SEQUENCE[0]!.split(':')[0]);
  const sequences = () => scene.bed.server.countSyn(FIRST);

  test('sends one sequence each time, and ends with the process that started it', async () => {
    const { bed, person } = scene;
    await bed.server.firewall.nft(ARTICLE_SEQUENCE);
    const session = person.spawn('sh', ['-c', `knockproxy open --every 10s ${bed.server.ip} & sleep 600`]);
    await waitFor('the first opening', async () => (await sequences()) === 1, 10_000);
    await waitFor('the next one', async () => (await sequences()) > 1, 20_000);
    expect(await sequences()).toBe(2);
    expect(await bed.client.probe(bed.server.ip, 22)).toBe('open');
    expect(await person.knockproxies()).toHaveLength(1);
    session.child.kill('SIGKILL');
    await waitFor('its end', async () => (await person.knockproxies()).length === 0);
    expect(await bed.server.countSyn(22)).toBe(1);
  });

  test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('ends by %s with 0', async (signal) => {
    await scene.bed.server.resetCounts();
    const opening = scene.person.spawn('knockproxy', ['open', '--every', '1h', scene.bed.server.ip]);
    await waitFor('the opening', async () => (await sequences()) === 1, 10_000);
    opening.child.kill(signal);
    expect(await opening.end()).toEqual({ code: 0, signal: null });
    expect(opening.stdout + opening.stderr).toBe('');
  });

  test.each([
    { what: 'too short a time', every: '9s', door: KNOCK_SEQUENCE, why: 'is not a time from 10s to 1w' },
    {
      what: 'a one-time door',
      every: '10s',
      door: 'KnockOneTimeFile ~/once',
      why: 'would use up the one-time sequences',
    },
  ])('refuses $what', async ({ every, door, why }) => {
    writeFileSync(`${scene.person.home}/once`, '7001,7002\n7003,7004\n', { mode: 0o600 });
    scene.person.write('knock_config', [`Host ${scene.bed.server.ip}`, door]);
    const refused = await scene.person.run('knockproxy', ['open', '--every', every, scene.bed.server.ip]);
    expect(refused).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(why) });
  });
});
