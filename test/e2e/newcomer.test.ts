import { afterEach, beforeEach, expect, test } from 'vitest';
import { describeBed } from '../netns/describe.ts';
import { waitFor } from '../netns/index.ts';
import { Newcomer } from './newcomer.ts';

describeBed('a newcomer with two fresh machines', () => {
  let newcomer: Newcomer;
  beforeEach(async () => {
    newcomer = await Newcomer.arrive();
  });
  afterEach(() => newcomer?.close());

  test.each([
    ['knockd', []],
    ['knockd, all but the port closed by iptables', ['--firewall iptables']],
    ['knockd, all but the port closed by nftables', ['--firewall nftables']],
    ['nftables alone', ['--server nftables']],
    ['fwknopd', ['--spa']],
  ])('%s: two commands on each end, and in, over each family', async (_, options) => {
    await newcomer.setUp(options);
    await newcomer.logIn(4);
    if (!options.includes('--spa')) await newcomer.logIn(6);
    await newcomer.onServer('sh door/install.sh keep');
    expect(newcomer.leftOnServer()).toEqual([]);
    expect(newcomer.commands).toEqual({ client: 2, server: 2 });
  });

  test.each([
    ['knockd', []],
    ['knockd by iptables', ['--firewall iptables']],
    ['nftables alone', ['--server nftables']],
  ])('%s, with a close sequence: shut again at once, and in again', async (_, options) => {
    await newcomer.setUp(['--close-sequence', ...options]);
    for (const family of [4, 6, 4, 6] as const) await newcomer.logIn(family);
    await newcomer.logInFromCron();
  });

  test.each(['', '--firewall iptables'])(
    'one-time sequences %s: each login takes the next',
    async (firewall) => {
      await newcomer.setUp(['--one-time 12 --close-sequence', firewall]);
      for (const family of [4, 6, 4, 6] as const) await newcomer.logIn(family);
      const { client, server } = newcomer.oneTimeFiles();
      expect(client.match(/^#/gm)).toHaveLength(4);
      expect(server).toBe(client);
    },
  );

  test('a firewall that nobody keeps undoes itself', async () => {
    await newcomer.bed.server.sshd();
    await newcomer.onClient('knockproxy generate server --out door --yes');
    await newcomer.bed.server.must('cp', [
      '-r',
      `${newcomer.client.home}/door/server`,
      `${newcomer.bed.dir}/server/home/door`,
    ]);
    await newcomer.onServer('sh door/install.sh --undo 3');
    expect([await newcomer.state(4), await newcomer.state(6)]).toEqual(['filtered', 'filtered']);
    await waitFor('the old firewall', async () => (await newcomer.state(4)) === 'open');
    await waitFor('the old firewall', async () => (await newcomer.state(6)) === 'open');
  });
}, ['fwknopd']);
