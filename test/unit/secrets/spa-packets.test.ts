import { describe, expect, it } from 'vitest';
import type { SpaSource } from '../../../src/config/spa-keywords.ts';
import { readKeyOutput } from '../../../src/plan/fwknop/key-file.ts';
import { prepareSpa, type SpaSystem } from '../../../src/secrets/spa-packets.ts';
import { KnockproxyError } from '../../../src/util/errors.ts';
import { openPacket } from '../../oracle/fwknop-client.ts';

const WHERE = { file: 'knock_config', line: 2 };
const NAMES = { host: 'h.example', alias: 'h', port: 2222, user: 'r', where: 'knock_config line 2' };
const KEYS = 'KEY_BASE64: c2VjcmV0\nHMAC_KEY_BASE64: b3RoZXI=\n';
const RC = `[default]\nALLOW_IP source\n[h]\n${KEYS.replaceAll(':', '')}[other]\nKEY k\nSPA_SERVER gw.example\n`;

const door = (keys: SpaSource['keys']): SpaSource => ({
  kind: 'spa',
  keys,
  settings: new Map(),
  where: WHERE,
});
const STANZA = door({ in: 'stanza' });

function system(files: Record<string, string>, own = '192.0.2.7', printed = '') {
  const asked: string[] = [];
  const ran: string[] = [];
  const fake: SpaSystem = {
    env: { LOGNAME: 'alice' },
    home: () => '/home/a',
    userName: () => undefined,
    readPrivateFile(file, where) {
      const text = files[file];
      if (text === undefined) throw new KnockproxyError(`${where}: cannot read ${file} (ENOENT)`);
      return text;
    },
    exists: (file) => file in files,
    async runKeyCommand(words) {
      ran.push(words.join(' '));
      return readKeyOutput(printed, 'the output of pass');
    },
    async askOwnAddress(url) {
      asked.push(url);
      return own;
    },
  };
  return { fake, asked, ran };
}

const rc = (text: string) => system({ '/home/a/.fwknoprc': text });

/** The plaintext of a payload, field by field, with what is base64 in it decoded. */
function fields(payload: Uint8Array): string[] {
  const key = Buffer.from('secret');
  const content = { key, hmac: { digest: 'sha256' as const, key } };
  const { plain } = openPacket(Buffer.from(payload).toString('latin1'), content as never);
  return plain.split(':');
}
const decode = (text = '') => Buffer.from(text, 'base64').toString();

describe('prepareSpa', () => {
  it('makes a door of one step from the stanza named like the host', async () => {
    const prepared = prepareSpa(STANZA, NAMES, rc(RC).fake);
    expect(prepared.knockHost).toBeUndefined();
    const { candidates } = await prepared.obtain();
    expect(candidates).toEqual([[{ port: 62201, protocol: 'udp', payload: expect.any(Function) }]]);
    const [, user, time, , type, message] = fields(candidates[0]![0]!.payload!());
    expect([decode(user), type, decode(message)]).toEqual(['alice', '1', '0.0.0.0,tcp/2222']);
    expect(Math.abs(Number(time) - Date.now() / 1000)).toBeLessThan(3);
  });

  it('never makes the same packet twice', async () => {
    const { candidates } = await prepareSpa(STANZA, NAMES, rc(RC).fake).obtain();
    const { payload } = candidates[0]![0]!;
    const packets = Array.from({ length: 500 }, () => Buffer.from(payload!()).toString('latin1'));
    expect(new Set(packets).size).toBe(500);
    expect(new Set(packets.map((packet) => packet.slice(0, 11))).size).toBeGreaterThan(490);
  });

  it('knocks where SPA_SERVER says', () => {
    expect(prepareSpa(door({ in: 'stanza', name: 'OTHER' }), NAMES, rc(RC).fake).knockHost).toBe(
      'gw.example',
    );
    const names = { ...NAMES, host: 'GW.example' };
    expect(prepareSpa(door({ in: 'stanza', name: 'other' }), names, rc(RC).fake).knockHost).toBeUndefined();
  });

  it('reads a key file, and lets in the source unless told', async () => {
    const { fake } = system({ '/home/a/keys/h': KEYS });
    const { candidates } = await prepareSpa(door({ in: 'file', path: '~/keys/%n' }), NAMES, fake).obtain();
    expect(decode(fields(candidates[0]![0]!.payload!())[5])).toBe('0.0.0.0,tcp/2222');
  });

  it('asks the URL when the packet is wanted, once a login, and never before', async () => {
    const { fake, asked } = rc(RC.replace('ALLOW_IP source', 'RESOLVE_URL http://ip.example/'));
    const prepared = prepareSpa(STANZA, NAMES, fake);
    expect(asked).toEqual([]);
    const { candidates } = await prepared.obtain();
    for (let packet = 0; packet < 3; packet++) {
      expect(decode(fields(candidates[0]![0]!.payload!())[5])).toBe('192.0.2.7,tcp/2222');
    }
    expect(asked).toEqual(['http://ip.example/']);
  });

  it('is for IPv4 addresses only', () => {
    const { choose } = prepareSpa(STANZA, NAMES, rc(RC).fake);
    const [four, six] = [{ family: 4 as const }, { family: 6 as const }];
    expect(choose!([six, four])).toEqual([four]);
    expect(() => choose!([six])).toThrow(
      /^knock_config line 2: fwknop supports IPv4 only, and h.example has no IPv4 address to use$/,
    );
  });

  describe('with KnockSpaKeyCommand', () => {
    const COMMAND = ['pass', 'show', '%n'];
    const PRINTED = KEYS;
    const allowed = async (source: SpaSource, files: Record<string, string>, printed = PRINTED) => {
      const { fake, ran } = system(files, undefined, printed);
      const prepared = prepareSpa({ ...source, keyCommand: COMMAND }, NAMES, fake);
      expect(ran).toEqual([]);
      const { candidates } = await prepared.obtain();
      expect(ran).toEqual(['pass show %n']);
      return decode(fields(candidates[0]![0]!.payload!())[5]);
    };

    it.each([
      ['no ~/.fwknoprc', {}, '0.0.0.0,tcp/2222'],
      ['no stanza of the host', { '/home/a/.fwknoprc': '[x]\nKEY k\n' }, '0.0.0.0,tcp/2222'],
      [
        'a stanza without keys',
        { '/home/a/.fwknoprc': '[h]\nALLOW_IP 192.0.2.3\nACCESS tcp/22\n' },
        '192.0.2.3,tcp/22',
      ],
      [
        'a stanza with other keys',
        { '/home/a/.fwknoprc': '[h]\nALLOW_IP 192.0.2.3\nACCESS tcp/22\nKEY old\nHMAC_KEY older\n' },
        '192.0.2.3,tcp/22',
      ],
    ])('takes the keys from its output: %s', async (_, files, expected) => {
      expect(await allowed(STANZA, files)).toBe(expected);
    });

    it('needs the stanza that KnockSpa names', () => {
      const { fake } = rc('[x]\n');
      const source = { ...door({ in: 'stanza' as const, name: 'y' }), keyCommand: COMMAND };
      expect(() => prepareSpa(source, NAMES, fake)).toThrow('/home/a/.fwknoprc: there is no stanza [y]');
    });

    it('refuses what else is wrong before it runs', () => {
      const { fake, ran } = rc('[h]\nALLOW_IP source\nACCESS tcp\n');
      expect(() => prepareSpa({ ...STANZA, keyCommand: COMMAND }, NAMES, fake)).toThrow('rc line 3: ACCESS');
      expect(ran).toEqual([]);
    });
  });

  it.each([
    [STANZA, {}, 'knock_config line 2: cannot read /home/a/.fwknoprc (ENOENT)'],
    [door({ in: 'stanza', name: 'nobody' }), RC, '/home/a/.fwknoprc: there is no stanza [nobody]'],
    [
      STANZA,
      RC.replace('KEY_BASE64', 'ENCRYPTION_MODE CTR\nKEY_BASE64'),
      'rc line 4: only the encryption mode CBC',
    ],
    [
      door({ in: 'stanza', name: 'other' }),
      RC.replace('gw.example', '2001:db8::1'),
      'rc line 8: SPA_SERVER is an IPv6 address',
    ],
    [STANZA, RC.replace('KEY_BASE64', 'KEY_BASE46'), 'rc line 4: fwknop has no variable of this name'],
    [door({ in: 'file', path: '~/%z' }), {}, 'knock_config line 2: the path has an unknown token'],
    [door({ in: 'file', path: 'k' }), {}, 'knock_config line 2: cannot read /home/a/.ssh/k (ENOENT)'],
  ])('refuses before anything is sent: %#', (source, files, message) => {
    const { fake } = typeof files === 'string' ? rc(files) : system(files);
    expect(() => prepareSpa(source, NAMES, fake)).toThrow(message);
    expect(() => prepareSpa(source, NAMES, fake)).not.toThrow(/c2VjcmV0|secret|b3RoZXI|other/);
  });
});
