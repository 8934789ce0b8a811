import { randomInt } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { oneTimeSequences } from '../../src/generate/one-time-list.ts';
import { describeBed } from '../netns/describe.ts';
import { waitFor } from '../netns/index.ts';
import { Scene } from './scene.ts';

/** Its address: knockd keeps one state per source, and its rules let one source in. */
const LISTENER = '10.77.0.66';
/** Node's -e: sends a sequence of knocks from an address. */
const KNOCK = `
const { connect } = require('net');
const { createSocket } = require('dgram');
const [host, from, ...steps] = process.argv.slice(1);
const udp = createSocket('udp4').bind(0, from);
const sockets = [];
const knock = ([port, protocol]) => protocol === 'udp' ? udp.send('0', port, host)
  : sockets.push(connect({ host, port, localAddress: from }).on('error', () => {}));
steps.forEach((step, n) => setTimeout(() => knock(step.split(':')), 20 * n + 50));
setTimeout(() => process.exit(), 20 * steps.length + 300);`;

describeBed('a listener who repeats the one-time sequences that a login has sent', () => {
  let scene: Scene;
  let client: string;
  const folder = mkdtempSync(join(tmpdir(), 'knockproxy-listener-'));
  const server = join(folder, 'codes');

  beforeAll(async () => {
    writeFileSync(server, oneTimeSequences((below) => randomInt(below), 20).text, { mode: 0o600 });
    scene = await Scene.open({ doors: [{ oneTimeFile: server, cmdTimeoutS: 0 }] });
    client = join(scene.person.home, 'server.codes');
    await scene.bed.client.must('ip', ['address', 'add', `${LISTENER}/24`, 'dev', 'eth0']);
    scene.configure('relay', {}, ['KnockOneTimeFile ~/%n.codes', 'KnockTimeout 8']);
  });
  afterAll(async () => {
    await scene?.close();
    rmSync(folder, { recursive: true });
  });

  const lines = () => readFileSync(client, 'latin1').split('\n');
  const login = () => scene.person.run('ssh', ['server', 'true']);
  const ended = () =>
    waitFor('knockproxy to end', async () => (await scene.person.knockproxies()).length === 0);

  it('opens nothing with those that were sent ahead of the line that opened', async () => {
    writeFileSync(client, readFileSync(server), { mode: 0o600 });
    await scene.shut();
    // Somebody on the way drops what is sent, so that lines are sent ahead, and then lets it through.
    await scene.knockd.stop();
    expect(await login()).toMatchObject({ code: 255 });
    const sent = lines().filter((line) => line.startsWith('\t'));
    expect(sent.length).toBeGreaterThan(1);
    await scene.knockd.restart();
    expect(await login()).toMatchObject({ code: 0 });
    await ended();
    const opened = scene.knockd.opened();
    for (const line of sent) {
      const steps = line.trim().split(',');
      await scene.bed.client.must(process.execPath, ['-e', KNOCK, scene.bed.server.ip, LISTENER, ...steps]);
    }
    await sleep(200);
    expect(scene.knockd.opened()).toBe(opened);
    const rules = await scene.bed.server.firewall.rules();
    expect(rules.filter((rule) => rule.includes(LISTENER))).toEqual([]);
  });

  it('would have opened it with the next one', async () => {
    const next = lines().find((line) => line.startsWith(' '))!;
    const steps = next.trim().split(',');
    await scene.bed.client.must(process.execPath, ['-e', KNOCK, scene.bed.server.ip, LISTENER, ...steps]);
    const isIn = async () =>
      (await scene.bed.server.firewall.rules()).some((rule) => rule.includes(LISTENER));
    await waitFor('the rule of the listener', isIn);
  });
});
