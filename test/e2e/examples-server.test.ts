import { expect, test } from 'vitest';
import { formatSequence } from '../../src/plan/format-sequence.ts';
import { parseSequence, type Step } from '../../src/plan/sequence.ts';
import { exampleSequence } from '../docs/example-files.ts';
import { describeBed } from '../netns/describe.ts';
import { ExampleScene, type ServerKind } from './examples-scene.ts';

/** HostName of the command line is not in the configuration: only the alias leads to the door. */
const PROXY = "ProxyCommand=knockproxy -- '%h' %p '%n'";

const KINDS: ServerKind[] = ['knockd', 'nftables', 'recent'];
const STEPS = parseSequence(exampleSequence());

describeBed('examples/server', () => {
  test.concurrent.each(KINDS)('%s: a login over each family, and the door shuts itself', async (kind) => {
    await using scene = await ExampleScene.open();
    scene.configure('ssh_config/one-host');
    await scene.serve(kind);
    const { server } = scene.bed;
    for (const ip of [server.ip, server.ip6]) {
      expect(await scene.bed.client.probe(ip, 22)).toBe('filtered');
      const result = await scene.person.run('ssh', [
        '-o',
        `HostName=${ip}`,
        '-o',
        PROXY,
        'server.example',
        'echo in',
      ]);
      expect(result).toMatchObject({ code: 0, stdout: 'in\n', stderr: '' });
    }
    await scene.isShut();
  });

  test.concurrent.each(KINDS)('%s can be loaded twice', async (kind) => {
    await using scene = await ExampleScene.open();
    const rules = async () =>
      (await scene.bed.server.must('sh', ['-c', 'iptables -S; ip6tables -S; nft list ruleset'])).stdout;
    await scene.load(kind);
    const once = await rules();
    await scene.load(kind);
    expect(await rules()).toBe(once);
  });

  test('recent: opens after doubled and repeated steps; a scan of its ports does not open it', async () => {
    await using scene = await ExampleScene.open();
    const { client, server } = scene.bed;
    const knock = (ip: string, steps: readonly Step[]) =>
      client.must('/usr/bin/knock', ['-d', '3', ip, ...formatSequence(steps, 'knock').split(' ')]);
    await scene.serve('recent');
    const up = STEPS.toSorted((a, b) => a.port - b.port);
    for (const ip of [server.ip, server.ip6]) {
      for (let n = 0; n < STEPS.length; n++) await knock(ip, n % 2 ? up : up.toReversed());
      expect(await client.probe(ip, 22)).toBe('filtered');
      await knock(ip, [...STEPS.slice(0, 3), ...STEPS.flatMap((step) => [step, step])]);
      expect(await client.probe(ip, 22)).toBe('open');
    }
  });
});
