import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { describeMachine } from '../machine/describe.ts';
import { HOST, Site, succeeded } from '../machine/site.ts';
import { isShut, logInTimes } from '../machine/walk.ts';

vi.setConfig({ testTimeout: 300_000 });

describeMachine('generate --ssh', () => {
  let site: Site;
  beforeAll(async () => {
    site = await Site.open();
  }, 300_000);
  afterAll(() => site?.close());

  /** Drops what leaves for any port that may be one of the sequence's. */
  async function withoutKnocks<T>(run: () => Promise<T>): Promise<T> {
    const rules = ['iptables', 'ip6tables'].flatMap((program) =>
      ['tcp', 'udp'].map((protocol) => [program, protocol] as const),
    );
    const change = async (how: '-I' | '-D') => {
      for (const [program, protocol] of rules)
        await site.machine.client.must(program, [
          how,
          'OUTPUT',
          '-p',
          protocol,
          '--dport',
          '1024:65535',
          '-j',
          'DROP',
        ]);
    };
    await change('-I');
    try {
      return await run();
    } finally {
      await change('-D');
    }
  }

  test('shows what it will do, and does nothing unasked', async () => {
    const { code, stderr } = await site.client(`knockproxy generate ${HOST} --ssh </dev/null`);
    expect(code).not.toBe(0);
    expect(stderr).toMatch(/^Runs, in this order:\n {2}.*\bscp\b/m);
    expect(stderr).not.toContain(' at ');
    expect(await site.port()).toBe('open');
  });

  test('puts this machine back where no login comes through the door', async () => {
    const config = join(site.person.home, '.ssh/config');
    const before = readFileSync(config, 'utf8');
    const { code, stderr } = await withoutKnocks(() =>
      site.client(`knockproxy generate ${HOST} --ssh --yes`),
    );
    expect(code).not.toBe(0);
    expect(stderr).toMatch(/^knockproxy: error: the login through the door failed$/m);
    expect(readFileSync(config, 'utf8')).toBe(before);
    succeeded('undo', await site.console('sh door-*/install.sh remove && rm -r door-*'));
    expect(await site.port()).toBe('open');
  });

  test('sets up both ends, and leaves the secret nowhere else', async () => {
    const { stdout } = await site.mustClient(`knockproxy generate ${HOST} --ssh --yes`);
    expect(stdout).toMatch(/^Port 22 is hidden, on trial: in 3 minutes it opens again by itself\.\r?$/m);
    expect(stdout).not.toMatch(/Stay logged in|It works\?|install\.sh keep/);
    expect(stdout).toContain(`done: ssh ${HOST}\n`);
    await isShut(site);
    await logInTimes(site, 2);
    expect((await site.client('ls -A')).stdout.split('\n').filter((name) => /door|knock/.test(name))).toEqual(
      [],
    );
    expect(site.homeThere()).toEqual([]);
  });
});
