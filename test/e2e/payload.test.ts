import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { EXAMPLES, payloadSequence } from '../docs/example-files.ts';
import { describeBed } from '../netns/describe.ts';
import { type Host, KNOCKPROXY, type RunResult } from '../netns/index.ts';
import { ExampleScene } from './examples-scene.ts';

const KINDS = ['nftables', 'recent'] as const;
const SEQUENCE = payloadSequence();
const LOGINS = 8;

describeBed('examples/server/payload', () => {
  test.concurrent.each(KINDS)('%s: ssh logs in over each family by the first sequence', async (kind) => {
    await using scene = await open(kind);
    for (const ip of [scene.bed.server.ip, scene.bed.server.ip6]) {
      expect(await scene.bed.client.probe(ip, 22)).toBe('filtered');
      expect(await login(scene, ip)).toMatchObject({ code: 0, stdout: 'in\n', stderr: '' });
    }
    expect(await arrived(scene.bed.server)).toEqual({ v4: 1, v6: 1 });
    await scene.isShut();
  });

  test.concurrent.each(KINDS)('%s: another size, payload or order does not open it', async (kind) => {
    await using scene = await open(kind);
    const steps = SEQUENCE.split(',');
    // Each leaves the door in a state from which the next one alone does not open it.
    const others = [
      [steps[1]!, steps[0]!, steps[2]!, steps[3]!],
      steps.map((step) => step.replace('300', '301')),
      steps.map((step) => step.replace('64', '65')),
      steps.map((step) => step.replace('sesame', 'sesamE')),
      steps.map((step) => step.replace(/:text=.*/, '')),
    ];
    for (const wrong of others) {
      await knock(scene, wrong);
      expect(await scene.bed.client.probe(scene.bed.server.ip, 22)).toBe('filtered');
    }
    await knock(scene, steps);
    expect(await scene.bed.client.probe(scene.bed.server.ip, 22)).toBe('open');
  });

  test('the payload as hex, and the whole sequence from a program', async () => {
    await using scene = await open('nftables');
    const hex = Buffer.from('open sesame').toString('hex');
    const sequence = SEQUENCE.replace(/text=.*/, `hex=${hex}`);
    scene.program('steps', `echo ${sequence}`);
    scene.person.write('knock_config', ['Host *', 'KnockSequenceCommand steps']);
    expect(await login(scene, scene.bed.server.ip)).toMatchObject({ code: 0, stdout: 'in\n', stderr: '' });
  });
});

describeBed('an icmp step', () => {
  test('leaves as one packet and in its place: every login opens by its first sequence', async () => {
    await using scene = await open('nftables');
    for (let n = 0; n < LOGINS; n++) {
      scene.person.forget();
      await load(scene, 'nftables');
      expect(await login(scene, scene.bed.server.ip)).toMatchObject({ code: 0, stderr: '' });
    }
    expect(await arrived(scene.bed.server)).toEqual({ v4: LOGINS, v6: 0 });
  });

  test("is sent by busybox's ping too", async () => {
    await using scene = await open('nftables');
    symlinkSync('/bin/busybox', join(scene.person.bin, 'ping'));
    for (const ip of [scene.bed.server.ip, scene.bed.server.ip6]) {
      expect(await login(scene, ip)).toMatchObject({ code: 0, stdout: 'in\n', stderr: '' });
    }
    expect(await arrived(scene.bed.server)).toEqual({ v4: 1, v6: 1 });
  });

  test('without ping: one error, and nothing is sent', async () => {
    await using scene = await open('nftables');
    const empty = join(scene.person.home, 'empty');
    mkdirSync(empty);
    const mounts = ['/bin', '/usr/bin', '/sbin', '/usr/sbin'];
    const hide = mounts.map((folder) => `test -e ${folder}/ping && mount --bind /dev/null ${folder}/ping`);
    const script = `${hide.join('; ')}; exec "$@"`;
    const argv = [process.execPath, KNOCKPROXY, scene.bed.server.ip, '22', 'server.example'];
    const { code, stderr } = await scene.person.run('unshare', ['-m', 'sh', '-c', script, 'sh', ...argv]);
    expect(code).toBe(2);
    expect(stderr).toContain('the sequence has an icmp step, and ping was not found');
    expect(stderr).not.toMatch(/300|41373|sesame/);
    const { syn, udp } = await scene.bed.server.counts();
    expect([syn.size, udp.size, await arrived(scene.bed.server)]).toEqual([0, 0, { v4: 0, v6: 0 }]);
  });
});

/** A server with one of the doors, a client that knows its sequence, and a counter of echo requests. */
async function open(kind: (typeof KINDS)[number]): Promise<ExampleScene> {
  const scene = await ExampleScene.open();
  await load(scene, kind);
  await scene.bed.server.must('nft', ['-f', '-'], { input: COUNTERS });
  scene.configure('ssh_config/one-host');
  scene.person.write('knock_config', ['Host *', `KnockSequence ${SEQUENCE}`]);
  return scene;
}

/** Loads the door, shut and without a memory: nft replaces its sets. */
async function load({ bed: { server } }: ExampleScene, kind: (typeof KINDS)[number]): Promise<void> {
  const folder = join(EXAMPLES, 'server/payload');
  if (kind === 'nftables') {
    await server.must('nft', ['-f', join(folder, 'knockproxy.nft')]);
  } else {
    await server.must('iptables-restore', ['--noflush', join(folder, 'iptables.rules')]);
    await server.must('ip6tables-restore', ['--noflush', join(folder, 'ip6tables.rules')]);
  }
}

const COUNTERS = `table inet echo {
  counter v4 { }
  counter v6 { }
  chain arrived {
    type filter hook prerouting priority -450; policy accept;
    icmp type echo-request counter name v4
    icmpv6 type echo-request counter name v6
  }
}
`;

/** How many echo requests arrived. */
async function arrived(server: Host): Promise<Record<string, number>> {
  const { stdout } = await server.must('nft', ['-j', 'list', 'counters', 'table', 'inet', 'echo']);
  const listed: { counter?: { name: string; packets: number } }[] = JSON.parse(stdout).nftables;
  return Object.fromEntries(
    listed.flatMap(({ counter }) => (counter ? [[counter.name, counter.packets]] : [])),
  );
}

function login(scene: ExampleScene, ip: string): Promise<RunResult> {
  const proxy = "ProxyCommand=knockproxy -- '%h' %p '%n'";
  return scene.person.run('ssh', ['-o', `HostName=${ip}`, '-o', proxy, 'server.example', 'echo in']);
}

function knock(scene: ExampleScene, steps: readonly string[]): Promise<RunResult> {
  const argv = [KNOCKPROXY, 'knock', scene.bed.server.ip, ...steps];
  return scene.bed.client.must(process.execPath, argv);
}
