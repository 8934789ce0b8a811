import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeBed } from '../netns/describe.ts';
import { type Bed, createBed, DEBIAN_KNOCKD_CONF } from '../netns/index.ts';
import { Person } from './person.ts';

describeBed('logins that make one attempt each, at the stock pair of doors', () => {
  let bed: Bed;
  let person: Person;
  beforeAll(async () => {
    bed = await createBed();
    await bed.server.sshd();
    person = new Person(bed.client, bed.dir);
    person.write('knock_config', ['Host *', 'KnockSequence 7000,8000,9000', 'KnockTimeout 1']);
  });
  afterAll(() => bed?.close());

  const login = () => person.run('knockproxy', [bed.server.ip, '22']);

  it('open it within a turn of preambles, though knockd was left in mid-sequence', async () => {
    await bed.server.firewall.article();
    for (let n = 0; n < 3; n++) expect(await login()).toMatchObject({ code: 1 });
    await bed.server.knockd(DEBIAN_KNOCKD_CONF);
    await bed.client.probe(bed.server.ip, 7000, 200);
    for (let n = 1; ; n++) {
      const { code, stderr } = await login();
      if (code === 0) return;
      expect(stderr).toContain('stayed shut: 1 attempt in');
      expect(n).toBeLessThan(4);
      await sleep(500);
    }
  });
});
