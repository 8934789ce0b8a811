import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { iptablesFirewall, nftablesFirewall } from '../../src/generate/firewall.ts';
import { FIREWALL_FILES } from '../../src/generate/firewall-instructions.ts';
import { knockdConf } from '../../src/generate/knockd-conf.ts';
import type { KnockdPlan } from '../../src/generate/knockd-plan.ts';
import { type NftDoorOptions, nftDoor } from '../../src/generate/nft-door.ts';
import { oneTimeSequences } from '../../src/generate/one-time-list.ts';
import { randomSequence } from '../../src/generate/random-sequence.ts';
import { readOneTimeSequences } from '../../src/knockd/knockd-sequence.ts';
import { pairDoors } from '../../src/knockd/pair-doors.ts';
import { readKnockdConf } from '../../src/knockd/read-knockd-conf.ts';
import { formatSequence } from '../../src/plan/format-sequence.ts';
import { parseSequence, type Step } from '../../src/plan/sequence.ts';
import { Random } from '../model/random.ts';
import { describeBed } from '../netns/describe.ts';
import { type Bed, createBed, waitFor } from '../netns/index.ts';
import { type DumpedDoor, dumped, knockdReads } from './knockd-dump.ts';
import { messyConf, randomPlan } from './random-knockd-conf.ts';

const random = new Random(5);
const below = (limit: number) => random.int(0, limit - 1);
const FAMILIES = [4, 6] as const;
type Kind = KnockdPlan['firewall'];
const KINDS: Kind[] = ['iptables', 'nftables'];

describeBed("the server's files", () => {
  let bed: Bed;
  beforeAll(async () => {
    bed = await createBed();
    await bed.server.sshd();
  });
  afterEach(async () => {
    await bed.server.firewall.open();
    await bed.server.must('nft', ['-f', '-'], {
      input: 'add table inet knockproxy\ndelete table inet knockproxy\n',
    });
  });
  afterAll(() => bed?.close());

  describe.each(KINDS)('knockd with %s', (firewall) => {
    test('opens for a login over each family, and shuts by itself', async () => {
      const steps = randomSequence(below);
      await loadFirewall(bed, firewall);
      await using _ = await started(bed, { open: { steps }, firewall, openS: 1, interface: 'eth0' });
      for (const family of FAMILIES) {
        expect(await state(bed, family)).toBe('filtered');
        await knock(bed, family, steps);
        await becomes(bed, family, 'open');
        expect(await login(bed, family)).toBe('in\n');
        await becomes(bed, family, 'filtered');
      }
    });

    test('stays open until the close sequence, and opens again', async () => {
      const steps = randomSequence(below);
      const closeSteps = randomSequence(below, { exclude: steps.map(({ port }) => port) });
      await loadFirewall(bed, firewall);
      await using _ = await started(bed, { open: { steps }, closeSteps, firewall, openS: 0 });
      for (const family of FAMILIES) {
        for (let round = 0; round < 2; round++) {
          await knock(bed, family, steps);
          await becomes(bed, family, 'open');
          await knock(bed, family, closeSteps);
          await becomes(bed, family, 'filtered');
        }
      }
    });

    test('takes one-time sequences, each once', async () => {
      const oneTimeFile = join(bed.dir, `one-time-${firewall}`);
      const { text, pool } = oneTimeSequences(below, 7, { count: 6 });
      writeFileSync(oneTimeFile, text);
      const lines = readOneTimeSequences(readFileSync(oneTimeFile, 'latin1'));
      await loadFirewall(bed, firewall);
      await using _ = await started(bed, { open: { oneTimeFile, pool }, firewall, openS: 1 });
      for (const [used, steps] of lines.slice(0, -1).entries()) {
        const family = FAMILIES[used % 2]!;
        await knock(bed, family, steps);
        await becomes(bed, family, 'open');
        await waitFor('the mark', () => left(oneTimeFile) === lines.length - used - 1);
        await becomes(bed, family, 'filtered');
      }
      expect(readFileSync(oneTimeFile, 'latin1')).toMatch(/^(#\d{5}:.*\n){6} \d/);
    });

    test('needs its section that opens nothing: without it a second one-time sequence is not heard on IPv6', async () => {
      const oneTimeFile = join(bed.dir, `unheard-${firewall}`);
      const { text, pool } = oneTimeSequences(below, 4, { count: 4 });
      writeFileSync(oneTimeFile, text);
      const lines = readOneTimeSequences(text);
      await loadFirewall(bed, firewall);
      const conf = knockdConf({ open: { oneTimeFile, pool }, firewall, openS: 1 });
      const knockd = await bed.server.knockd(conf.replace(/\[listenSSH\][^[]*/, ''));
      await knock(bed, 6, lines[0]!);
      await becomes(bed, 6, 'open');
      await becomes(bed, 6, 'filtered');
      await knock(bed, 6, lines[1]!);
      await sleep(300);
      expect(knockd.opened()).toBe(1);
      await knock(bed, 4, lines[1]!);
      await becomes(bed, 4, 'open');
      await becomes(bed, 4, 'filtered'); // knockd's children outlive it: the stop command would meet the next test
      await knockd.stop();
    });

    test('counts a second opening from its own time', async () => {
      const steps = randomSequence(below, { count: 3 });
      await loadFirewall(bed, firewall);
      await using _ = await started(bed, { open: { steps }, firewall, openS: 2 });
      await knock(bed, 4, steps);
      await becomes(bed, 4, 'open');
      await sleep(1200);
      await knock(bed, 4, steps);
      await sleep(1200); // the first one's time is over, the second one's is not
      expect(await state(bed, 4)).toBe('open');
      await becomes(bed, 4, 'filtered');
    });
  });

  describe.each(KINDS)('the firewall of %s', (kind) => {
    test('lets in what it allows, keeps what the machine itself does, and the neighbours', async () => {
      const sshd = await bed.server.sshd({ port: 2222 });
      await bed.server.must('iptables', ['-N', 'DOCKER']);
      await loadFirewall(bed, kind, parseSequence('2222'));
      await bed.server.must('iptables', ['-S', 'DOCKER']);
      for (const host of [bed.client, bed.server]) await host.must('ip', ['neigh', 'flush', 'dev', 'eth0']);
      for (const [ip, own] of [
        [bed.server.ip, '127.0.0.1'],
        [bed.server.ip6, '::1'],
      ] as const) {
        expect(await bed.client.probe(ip, 22)).toBe('filtered');
        expect(await bed.client.probe(ip, 2222)).toBe('open');
        expect(await bed.server.probe(own, 22)).toBe('open');
      }
      for (const ip of [bed.client.ip, bed.client.ip6]) {
        expect(await bed.server.probe(ip, 22)).toBe('refused'); // the client's RST comes back in
      }
      await bed.server.must('iptables', ['-X', 'DOCKER']);
      await sshd.stop();
    });

    test('undoes itself when the steps in its comment are not finished, and else stays', async () => {
      const dir = mkdtempSync(join(bed.dir, 'loading-'));
      const text = writeFirewall(dir, kind);
      const commands = [...text.matchAll(/^# {6}(\S.*)$/gm)].map(([, command]) =>
        command!.replaceAll('/root/', `${dir}/`).replace('sleep 180', 'sleep 1'),
      );
      const keep = commands.pop()!;
      expect(keep).toMatch(/^rm /);
      await bed.server.must('sh', ['-ec', commands.join('\n')], { cwd: dir });
      expect(await states(bed)).toEqual(['filtered', 'filtered']);
      await waitFor('the old rules', async () => `${await states(bed)}` === 'open,open');
      await bed.server.must('sh', ['-ec', [...commands, keep].join('\n')], { cwd: dir });
      await sleep(1300);
      expect(await states(bed)).toEqual(['filtered', 'filtered']);
    });

    test('can be loaded twice', async () => {
      await loadFirewall(bed, kind);
      const rules = await ruleset(bed);
      await loadFirewall(bed, kind);
      expect(await ruleset(bed)).toBe(rules);
    });
  });

  describe('the door of nftables sets alone', () => {
    const steps = randomSequence(below);
    const load = (options: Partial<NftDoorOptions> = {}) =>
      bed.server.must('nft', ['-f', '-'], { input: nftDoor({ steps, ...options }) });

    test('opens for a login over each family, for that family only, and shuts by itself', async () => {
      await load({ openS: 1 });
      for (const family of FAMILIES) {
        expect(await states(bed)).toEqual(['filtered', 'filtered']);
        await knock(bed, family, steps);
        expect(await login(bed, family)).toBe('in\n');
        await knock(bed, family, steps);
        expect(await states(bed)).toEqual(family === 4 ? ['open', 'filtered'] : ['filtered', 'open']);
        await becomes(bed, family, 'filtered');
      }
    });

    test.each([
      ['from any state', (n: number) => [...steps.slice(0, n), ...steps]],
      ['with a step doubled', (n: number) => steps.flatMap((step, at) => (at === n ? [step, step] : [step]))],
      ['with an older step coming late', (n: number) => steps.toSpliced(n + 1, 0, ...steps.slice(0, n))],
      ['after a lost step, begun anew', (n: number) => [...steps.toSpliced(n, 1), ...steps]],
      ['with strays, the hidden port among them', (n: number) => steps.toSpliced(n, 0, ...STRAYS)],
    ])('opens %s', async (_, sent) => {
      for (let n = 0; n < steps.length; n++) {
        await load();
        await knock(bed, n % 2 ? 6 : 4, sent(n));
        expect([n, await state(bed, n % 2 ? 6 : 4)]).toEqual([n, 'open']);
      }
    });

    test.each([
      ['a lost step', (n: number) => steps.toSpliced(n, 1)],
      ['two steps in the wrong order', (n: number) => swapped(steps, n)],
      ['a step by the wrong protocol', (n: number) => steps.with(n, other(steps[n]!))],
    ])('stays shut after %s', async (_, sent) => {
      for (let n = 0; n < steps.length - 1; n++) {
        await load();
        await knock(bed, n % 2 ? 6 : 4, sent(n));
        expect([n, await state(bed, n % 2 ? 6 : 4, 60)]).toEqual([n, 'filtered']);
      }
    });

    test('stays shut for a scanner of all its ports, upwards and downwards, again and again', async () => {
      await load();
      const up = steps.toSorted((a, b) => a.port - b.port);
      const scan = Array.from({ length: 2 * steps.length }, (_, n) => (n % 3 ? up : up.toReversed())).flat();
      for (const family of FAMILIES) {
        await knock(bed, family, scan, 0);
        expect(await state(bed, family)).toBe('filtered');
      }
    });

    test('stays shut when a step comes later than its stage lasts', async () => {
      await load({ stageS: 1 });
      await knock(bed, 4, steps.slice(0, 5));
      await sleep(1300);
      await knock(bed, 4, steps.slice(5));
      expect(await state(bed, 4)).toBe('filtered');
      await knock(bed, 4, steps);
      expect(await state(bed, 4)).toBe('open');
    });

    test('takes no harm from a SYN that the kernel sends again', async () => {
      const tcp = parseSequence('7000 8000 9000');
      await load({ steps: tcp });
      await bed.server.resetCounts();
      const held = bed.client.probe(bed.server.ip, 7000, 1400);
      await sleep(900);
      await knock(bed, 4, tcp.slice(1, 2));
      await held; // the second SYN to 7000 came after 8000
      expect(await bed.server.countSyn(7000)).toBe(2);
      await knock(bed, 4, tcp.slice(2));
      expect(await state(bed, 4)).toBe('open');
    });

    test('is closed by its close sequence, of one step too', async () => {
      for (const count of [1, 4]) {
        const closeSteps = randomSequence(below, { count, exclude: steps.map(({ port }) => port) });
        await load({ closeSteps });
        for (const family of FAMILIES) {
          await knock(bed, family, steps);
          expect(await state(bed, family)).toBe('open');
          await knock(bed, family, closeSteps);
          expect(await state(bed, family)).toBe('filtered');
          await knock(bed, family, steps.slice(-1)); // a late copy of the last knock
          expect(await state(bed, family)).toBe('filtered');
        }
      }
    });

    test('may have 31 steps, or one', async () => {
      for (const count of [31, 1]) {
        const many = randomSequence(below, { count });
        await load({ steps: many });
        for (const family of FAMILIES) {
          await knock(bed, family, many, 1);
          expect(await state(bed, family)).toBe('open');
        }
      }
    });
  });
});

describeBed('knockd.conf as the real knockd reads it', () => {
  const dir = mkdtempSync(join(tmpdir(), 'knockproxy-conf-'));
  const path = join(dir, 'knockd.conf');
  const oneTimeFile = join(dir, 'one-time');
  afterAll(() => rmSync(dir, { recursive: true }));

  test('300 generated files come back as the same sequences', async () => {
    let withClose = 0;
    for (let n = 0; n < 300; n++) {
      const plan = randomPlan(random, oneTimeFile);
      const conf = knockdConf(plan);
      expect(await knockdReads(conf, path)).toEqual(readKnockdConf(conf, path).doors.map(dumped));
      const { pairs, unpaired } = pairDoors(readKnockdConf(conf, path).doors);
      const expected = 'steps' in plan.open ? { steps: plan.open.steps } : { oneTimeFile, steps: [] };
      expect(pairs).toEqual([
        expect.objectContaining({
          open: expect.objectContaining(expected),
          ports: [plan.port],
          problems: [],
        }),
      ]);
      expect(pairs[0]!.close?.steps).toEqual(plan.closeSteps);
      expect(unpaired).toEqual([]);
      if (plan.closeSteps) withClose += 1;
    }
    expect(withClose).toBeGreaterThan(100);
  }, 120_000);

  test('1,500 files as people and accidents write them are read and refused alike', async () => {
    writeFileSync(oneTimeFile, '# used\n 7001,7002:udp\n 7003\n');
    let refused = 0;
    for (let n = 0; n < 1500; n++) {
      const conf = messyConf(random, oneTimeFile);
      const real = await knockdReads(conf, path);
      if (real === undefined) refused += 1;
      expect({ conf, doors: ours(conf) }).toEqual({ conf, doors: real });
    }
    expect(refused).toBeGreaterThan(300);
    expect(refused).toBeLessThan(1200);
  }, 120_000);

  function ours(conf: string): DumpedDoor[] | undefined {
    try {
      const { doors, foreign } = readKnockdConf(conf, path);
      // Another version of knockd may start with them; 0.8 does not.
      const isForeign = [...foreign, ...doors.flatMap((door) => door.foreign)].length > 0;
      return isForeign ? undefined : doors.map(dumped);
    } catch {
      return undefined;
    }
  }
});

const STRAYS = parseSequence('22 1234 1234:udp');

function swapped(steps: readonly Step[], n: number): Step[] {
  return steps.toSpliced(n, 2, steps[n + 1]!, steps[n]!);
}

function other({ port, protocol }: Step): Step {
  return { port, protocol: protocol === 'tcp' ? 'udp' : 'tcp' };
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function started(bed: Bed, plan: KnockdPlan): Promise<AsyncDisposable> {
  const knockd = await bed.server.knockd(knockdConf(plan));
  return { [Symbol.asyncDispose]: () => knockd.stop() };
}

/** Writes the firewall's files as `generate` names them, and returns the (IPv4) text. */
function writeFirewall(dir: string, kind: Kind, allow: readonly Step[] = []): string {
  writeFileSync(join(dir, FIREWALL_FILES[4]), iptablesFirewall(4, { allow }));
  writeFileSync(join(dir, FIREWALL_FILES[6]), iptablesFirewall(6, { allow }));
  writeFileSync(join(dir, FIREWALL_FILES.nft), nftablesFirewall({ allow }));
  return readFileSync(join(dir, kind === 'iptables' ? FIREWALL_FILES[4] : FIREWALL_FILES.nft), 'utf8');
}

async function loadFirewall(bed: Bed, kind: Kind, allow: readonly Step[] = []): Promise<void> {
  writeFirewall(bed.dir, kind, allow);
  if (kind === 'nftables') {
    await bed.server.must('nft', ['-f', join(bed.dir, FIREWALL_FILES.nft)]);
  } else {
    await bed.server.must('iptables-restore', ['--noflush', join(bed.dir, FIREWALL_FILES[4])]);
    await bed.server.must('ip6tables-restore', ['--noflush', join(bed.dir, FIREWALL_FILES[6])]);
  }
}

async function ruleset({ server }: Bed): Promise<string> {
  return (await server.must('sh', ['-c', 'iptables -S; ip6tables -S; nft list ruleset'])).stdout;
}

const address = ({ server }: Bed, family: 4 | 6) => (family === 4 ? server.ip : server.ip6);

function knock(bed: Bed, family: 4 | 6, steps: readonly Step[], delayMs = 3) {
  const args = ['-d', `${delayMs}`, address(bed, family), ...formatSequence(steps, 'knock').split(' ')];
  return bed.client.must('/usr/bin/knock', args);
}

function state(bed: Bed, family: 4 | 6, timeoutMs = 150) {
  return bed.client.probe(address(bed, family), 22, timeoutMs);
}

function states(bed: Bed) {
  return Promise.all(FAMILIES.map((family) => state(bed, family)));
}

function becomes(bed: Bed, family: 4 | 6, wanted: 'open' | 'filtered') {
  return waitFor(`the door to be ${wanted}`, async () => (await state(bed, family)) === wanted);
}

async function login(bed: Bed, family: 4 | 6): Promise<string> {
  const config = bed.sshConfig({ hostName: address(bed, family) });
  return (await bed.client.must('ssh', ['-F', config, 'server', 'echo in'])).stdout;
}

function left(oneTimeFile: string): number {
  return readOneTimeSequences(readFileSync(oneTimeFile, 'latin1')).length;
}
