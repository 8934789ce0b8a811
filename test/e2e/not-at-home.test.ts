import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { example } from '../docs/example-files.ts';
import { describeBed } from '../netns/describe.ts';
import type { Step } from '../netns/index.ts';
import { Scene } from './scene.ts';

const TEXT = example('not-at-home/knock_config');
const DOOR = /KnockSequence (\d.*)/
  .exec(TEXT)![1]!
  .split(',')
  .map((step) => (step.includes(':') ? step : `${step}:tcp`) as Step);

/** A knock wherever one is needed, and only there, through ssh as it is installed here. */
describeBed('examples/not-at-home', () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await Scene.open();
  });
  afterAll(() => scene?.close());
  beforeEach(() => {
    scene.person.forget();
    unit('inactive');
  });

  /** Whether the unit that keeps the door open is active. */
  function unit(state: 'active' | 'inactive'): void {
    const script = `#!/bin/sh\n[ "$*" = "--user --quiet is-active door-open" ] && [ ${state} = active ]\n`;
    writeFileSync(join(scene.person.bin, 'systemctl'), script, { mode: 0o755 });
  }

  async function login(changes: Record<string, string> = {}) {
    const { bed, person } = scene;
    scene.configure('relay', { host: 'nas.example', lines: ['HostKeyAlias server'] });
    let text = TEXT.replace('192.168.7.10', bed.server.ip);
    for (const [from, to] of Object.entries(changes)) text = text.replace(from, to);
    writeFileSync(join(person.home, '.ssh', 'knock_config'), text, { mode: 0o600 });
    const { stdout, stderr } = await person.run('ssh', ['nas.example', 'echo in']);
    const { syn, udp } = await bed.server.counts();
    const knocks = DOOR.map((step) => step.split(':') as [string, string]).map(
      ([port, protocol]) => (protocol === 'udp' ? udp : syn).get(Number(port)) ?? 0,
    );
    return { stdout, stderr, knocks };
  }

  test('away from home, with the VPN down and the door shut, it knocks', async () => {
    await scene.bed.server.firewall.nft(DOOR);
    await scene.bed.server.resetCounts();
    expect(await login()).toEqual({ stdout: 'in\n', stderr: '', knocks: [1, 1, 1, 1] });
  });

  test.each([
    { where: 'at home', changes: { '192.168.7.0/24': '10.77.0.0/24' }, state: 'inactive' },
    { where: 'over the VPN', changes: { "' dev wg0 '": "' dev eth0 '" }, state: 'inactive' },
    { where: 'while the door is known to be open', changes: {}, state: 'active' },
  ] as const)('$where it does not', async ({ changes, state }) => {
    unit(state);
    await scene.bed.server.flush();
    expect(await login(changes)).toEqual({ stdout: 'in\n', stderr: '', knocks: [0, 0, 0, 0] });
    expect(await scene.bed.server.countSyn(22)).toBe(1);
  });
});
