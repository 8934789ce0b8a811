import { Random } from '../model/random.ts';

const COMMON: readonly string[] = [
  'ACCESS tcp/22',
  'ALLOW_IP 192.0.2.10',
  'KEY_BASE64 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=',
  'HMAC_KEY_BASE64 QUFBQUFBQUFBQUFBQUFBQUFBQUFBQQ==',
  'SPA_SERVER 192.0.2.1',
];

const LINES: readonly string[] = [
  ...COMMON,
  ...'ACCESS tcp/22,udp/53|ACCESS udp/65535|ACCESS icmp/0|ACCESS tcp/0|ACCESS TCP/22|ACCESS tcp/00022|ACCESS tcp'.split(
    '|',
  ),
  ...'ACCESS tcp/65536|ACCESS tcp/22,|ACCESS tcp/22;udp/53|ALLOW_IP source|ALLOW_IP SOURCE|ALLOW_IP 10.1.2.3'.split(
    '|',
  ),
  ...'ALLOW_IP 300.1.1.1|ALLOW_IP 1.2.3|ALLOW_IP host|ALLOW_IP 1.2.3.4 # mine|ALLOW_IP resolve'.split('|'),
  ...'DIGEST_TYPE md5|DIGEST_TYPE SHA512|DIGEST_TYPE sha3_256|DIGEST_TYPE sha224|HMAC_DIGEST_TYPE sha1'.split(
    '|',
  ),
  ...'HMAC_DIGEST_TYPE MD5|HMAC_DIGEST_TYPE sha384|HMAC_DIGEST_TYPE x|FW_TIMEOUT 30|FW_TIMEOUT 30s|FW_TIMEOUT x'.split(
    '|',
  ),
  ...'FW_TIMEOUT -1|FW_TIMEOUT 65537|NAT_ACCESS 10.0.0.2|NAT_ACCESS 10.0.0.2,22|NAT_ACCESS 10.0.0.2:022'.split(
    '|',
  ),
  ...'NAT_ACCESS a-b.c.,9|NAT_ACCESS a_b|NAT_ACCESS -a|NAT_ACCESS a,0|NAT_ACCESS a,|NAT_ACCESS a..b'.split(
    '|',
  ),
  ...'NAT_LOCAL Y|NAT_LOCAL y|NAT_LOCAL N|NAT_LOCAL yes|NAT_PORT 5000|NAT_PORT 0|NAT_PORT 65536|NAT_PORT x'.split(
    '|',
  ),
  ...'KEY secret|KEY :|KEY_BASE64 QUJD|KEY_BASE64 QU=JD|KEY_BASE64 =|KEY_BASE64 a-b|HMAC_KEY other|KEY: secret2'.split(
    '|',
  ),
  ...'HMAC_KEY_BASE64 QUJDRA|HMAC_KEY_BASE64: QUJE;|HMAC_KEY_BASE64 ====|USE_HMAC N|USE_HMAC Y'.split('|'),
  ...'SPOOF_USER bob|SPOOF_USER a/b|SPOOF_USER a|b|SPOOF_USER a,b|SPOOF_USER ~!@$%^&()_{}.'.split('|'),
  ...'TIME_OFFSET 60|TIME_OFFSET -2m|TIME_OFFSET 1h|TIME_OFFSET 3x4|TIME_OFFSET m5|TIME_OFFSET 70000|TIME_OFFSET 1D'.split(
    '|',
  ),
  ...'ENCRYPTION_MODE CBC|ENCRYPTION_MODE ctr|ENCRYPTION_MODE pcbc|ENCRYPTION_MODE legacy|USE_GPG N'.split(
    '|',
  ),
  ...'SPA_SERVER_PORT 1234|SPA_SERVER_PORT 65536|SPA_SERVER_PORT 12x|SPA_SERVER_PROTO udp|SPA_SERVER_PROTO tcp'.split(
    '|',
  ),
  ...'SPA_SERVER_PROTO sctp|SPA_SOURCE_PORT 1|SPA_SOURCE_PORT -1|VERBOSE 4|VERBOSE Y|VERBOSE 5|RAND_PORT N'.split(
    '|',
  ),
  ...'KEY_FILE x|WGET_CMD x|HTTP_USER_AGENT x|NO_SAVE_ARGS Y|SERVER_RESOLVE_IPV4 Y|GPG_SIGNER x|GPG_HOMEDIR /x'.split(
    '|',
  ),
  ...'# comment|; comment|  # indented comment|   ||CLIENT_TIMEOUT 60|access tcp/22|ACCESS=tcp/22|ACCESS = tcp/22'.split(
    '|',
  ),
  ...'ACCESS : tcp/22|ACCESS:tcp/22|ACCESS:x tcp/23|A:CCESS: tcp/22|ACCESS|ACCESS #|[host|\tACCESS\ttcp/24\t|[]'.split(
    '|',
  ),
  ...'ACCESS tcp/25\r|\r|ACCESS tcp/26 \x0b|ACCESS\x0ctcp/27|ACCESS tcp/28\x0b|\x0b[host]|ACCESS tcp/2\x009'.split(
    '|',
  ),
  `ACCESS tcp/22${' '.repeat(1010)}`,
  `${' '.repeat(1014)}ACCESS tcp/22`,
  `#${'x'.repeat(1022)}ACCESS tcp/29`,
];

const STANZAS = [
  '[default]',
  '[DEFAULT]',
  '[host]',
  '[Host]',
  ' [host] x',
  '[other]',
  '[host ]',
  '[[host]',
  '[default',
];

/** An rc file that is mostly right, and the stanza to ask for. */
export function randomRc(seed: number): { rc: string; stanza: string } {
  const random = new Random(seed);
  const lines = ['[host]', ...COMMON.filter(() => random.chance(0.98))];
  if (random.chance(0.1)) lines.splice(random.int(0, lines.length - 1), 1);
  for (let extra = random.int(0, 3); extra > 0; extra--) {
    lines.splice(random.int(0, lines.length), 0, random.pick(LINES));
  }
  if (random.chance(0.3)) lines.splice(random.int(0, lines.length), 0, random.pick(STANZAS));
  if (random.chance(0.3)) lines.unshift('[default]', random.pick(LINES));
  if (!lines.some((line) => /^\[host/i.test(line))) lines.unshift('[host]');
  const end = random.pick(['\n', '\n', '\n', '\r\n']);
  return {
    rc: lines.join(end) + (random.chance(0.9) ? end : ''),
    stanza: random.pick(['host', 'host', 'HOST', 'default']),
  };
}
