import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { describeBed } from '../netns/describe.ts';
import { type Bed, createBed, type Knockd, knockdConf, type Sshd } from '../netns/index.ts';
import { Server } from '../netns/server.ts';
import { KNOCK_SEQUENCE, Person } from './person.ts';
import { MODES } from './scene.ts';

const BASTION = '10.78.0.1';
const TARGET = '10.77.0.2';

describeBed('a target behind a bastion, both behind doors', () => {
  let bed: Bed;
  let bastion: Server;
  let person: Person;
  /** Who logs in on the bastion. */
  let guard: Person;
  let sshds: Sshd[];
  let knockds: Knockd[];

  beforeAll(async () => {
    bed = await createBed({ clientsBehindRouter: 1 });
    bastion = new Server(bed.router!.name, { ip: BASTION, ip6: 'fd78:0::1' }, newDir('bastion'), bed.keys);
    await bastion.must('sh', ['-c', 'echo 0 > /proc/sys/net/ipv4/ip_forward']);
    person = new Person(bed.client, newDir('person'));
    guard = new Person(bastion, newDir('guard'));
    Object.assign(bastion, { prefix: [...bastion.prefix, ...guard.prefix] }); // so its sshd knows that home
    guard.write('knock_config', [`Host ${TARGET}`, KNOCK_SEQUENCE]);
    const env = { HOME: guard.home, PATH: `${guard.bin}:${process.env.PATH}` };
    [sshds, knockds] = await Promise.all([
      Promise.all([bastion.sshd({ env }), bed.server.sshd()]),
      Promise.all([bastion.knockd(knockdConf(), { interface: 'client0' }), bed.server.knockd(knockdConf())]),
    ]);
  });
  afterAll(() => bed?.close());

  describe.each(MODES)('by %s on the first hop', (mode) => {
    beforeEach(async () => {
      for (const knockd of knockds) await knockd.restart();
      for (const { firewall } of [bastion, bed.server]) await firewall.article();
      const probes = [bed.client.probe(BASTION, 22), bastion.probe(TARGET, 22)];
      expect(await Promise.all(probes)).toEqual(['filtered', 'filtered']);
    });

    test('ssh -J bastion target', async () => {
      const allow = ['-I', 'INPUT', '-s', '10.77.0.1', '-p', 'tcp', '--dport', '22', '-j', 'ACCEPT'];
      await bed.server.must('iptables', allow);
      expect(await bed.client.probe(TARGET, 22)).toBe('filtered'); // only by way of the bastion
      configure(mode === 'fdpass', 'Host target', `HostName ${TARGET}`);
      await reachesTarget(['-J', 'bastion', 'target']);
    });

    const command = `ProxyCommand ssh bastion "knockproxy -- '%h' %p"`;
    test(command, async () => {
      configure(mode === 'fdpass', 'Host target', `HostName ${TARGET}`, command, 'ProxyUseFdpass no');
      await reachesTarget(['target']);
      await guard.leavesNothing();
    });
  });

  function newDir(name: string): string {
    mkdirSync(join(bed.dir, name));
    return join(bed.dir, name);
  }

  /** Every host goes through knockproxy, and the bastion has a door. */
  function configure(fdpass: boolean, ...target: string[]): void {
    const path = bed.sshConfig({
      top: target,
      host: 'bastion',
      hostName: BASTION,
      proxyCommand: "knockproxy -- '%h' %p '%n' '%r'",
      proxyUseFdpass: fdpass,
    });
    person.write('config', [readFileSync(path, 'utf8')]);
    person.write('knock_config', ['Host bastion', KNOCK_SEQUENCE]);
  }

  /** One login on each of the two, the second from the bastion's address. */
  async function reachesTarget(args: string[]): Promise<void> {
    const before = sshds.map((sshd) => sshd.logins());
    const result = await person.run('ssh', [...args, 'echo $SSH_CONNECTION']);
    expect(result).toMatchObject({ code: 0, stderr: '' });
    expect(result.stdout).toMatch(/^10\.77\.0\.1 \d+ 10\.77\.0\.2 22\n$/);
    expect(sshds.map((sshd, n) => sshd.logins() - before[n]!)).toEqual([1, 1]);
    await person.leavesNothing();
  }
});
