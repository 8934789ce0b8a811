import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeBed } from '../netns/describe.ts';
import { waitFor } from '../netns/index.ts';
import { KEYS, LISTEN, SEND, SPA_PORT, SpaScene } from './spa-scene.ts';

/** Where packets go of which fwknopd hears nothing: on the way somebody holds them back. */
const HELD_BACK = 62202;
const OWN = '10.77.0.1';
const SNIFFER = '10.77.0.66';

const ROWS = [
  { allow: 'source', access: [], letIn: [SNIFFER] },
  { allow: OWN, access: ['REQUIRE_SOURCE_ADDRESS Y'], letIn: [OWN] },
  { allow: 'source', access: ['REQUIRE_SOURCE_ADDRESS Y'], letIn: [] },
];

describeBed('a packet that somebody has held back and sends from another address', () => {
  describe.each(ROWS)('KnockSpaAllow $allow, access.conf $access', ({ allow, access, letIn }) => {
    let scene: SpaScene;
    beforeAll(async () => {
      scene = await SpaScene.open(access);
      await scene.bed.client.must('ip', ['address', 'add', `${SNIFFER}/24`, 'dev', 'eth0']);
      scene.home('keys', [`KEY_BASE64 ${KEYS.keyBase64}`, `HMAC_KEY_BASE64 ${KEYS.hmacKeyBase64}`]);
    });
    afterAll(() => scene?.close());

    const configure = (...lines: string[]) =>
      scene.configure('relay', ['KnockSpaKeyFile ~/keys', `KnockSpaAllow ${allow}`, ...lines]);

    it(`lets in ${letIn[0] ?? 'nobody'}`, async () => {
      configure(`KnockSpaPort ${HELD_BACK}`, 'KnockTimeout 1');
      const { server, client } = scene.bed;
      const listener = server.spawn(process.execPath, ['-e', LISTEN, String(HELD_BACK), '20000']);
      let heard = '';
      listener.stdout.on('data', (data) => {
        heard += data;
      });
      await waitFor('the listener', () => heard.includes('ready'));
      await server.must('iptables', [
        '-I',
        'INPUT',
        '-p',
        'udp',
        '--dport',
        String(HELD_BACK),
        '-j',
        'ACCEPT',
      ]);
      expect(await scene.person.run('knockproxy', [server.ip, '22', 'server'])).toMatchObject({ code: 1 });
      const [, packet] = await waitFor('a packet', () => /^([0-9a-f]+)$/m.exec(heard.replace('ready', '')));
      await client.must(process.execPath, ['-e', SEND, server.ip, String(SPA_PORT), packet!, SNIFFER]);
      const seen = () => new RegExp(`${SNIFFER}`).test(scene.fwknopd.log());
      await waitFor('fwknopd to have seen it', seen);
      const sources = async () => (await scene.letIn()).map((rule) => / -s ([\d.]+)/.exec(rule)?.[1]);
      await waitFor('its rule', async () => (await sources()).length === letIn.length);
      expect(await sources()).toEqual(letIn);
    });

    it(`lets its owner in all the same: ${allow === OWN || access.length === 0}`, async () => {
      await scene.shut();
      configure('KnockTimeout 3');
      const { code } = await scene.person.run('ssh', ['server', 'true']);
      expect(code === 0).toBe(allow === OWN || access.length === 0);
    });
  });
}, ['fwknopd']);
