import { expect, it } from 'vitest';
import { ConfigHome } from './config-home.ts';
import { run } from './run.ts';

/** A name that no server knows: asking for it would fail. */
const HOST = 'no-such-host.invalid';

it('prints ports that were given without asking a name server', async () => {
  const { code, stdout, stderr } = await run(['knock', '--dry-run', HOST, '7000', '8000:udp']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toBe(`+0 ms  tcp  ${HOST}  port 7000\n+10 ms  udp  ${HOST}  port 8000\n`);
});

it.each([
  ['a sequence', 'KnockSequence 7000', `+0 ms  tcp  ${HOST}  port 7000\n`],
  [
    'another machine to knock on',
    'KnockHost router.invalid\n  KnockSequence 7000',
    '+0 ms  tcp  router.invalid  port 7000\n',
  ],
  ['an fwknop packet', 'KnockSpaKeyFile ~/../..@/keys', `+0 ms  udp  ${HOST}  port 62201\n`],
  [
    'an fwknop packet whose address a URL gives',
    'KnockSpaKeyFile ~/../..@/keys\n  KnockSpaAllow resolve http://127.0.0.1:1/ip',
    `+0 ms  udp  ${HOST}  port 62201\n`,
  ],
])('prints the configured door without asking a name server: %s', (_, lines, printed) => {
  const at = new ConfigHome({ text: `Host web\n  HostName ${HOST}\n` });
  at.write('keys', `KEY_BASE64 ${'A'.repeat(43)}=\nHMAC_KEY_BASE64 ${'E'.repeat(43)}=\n`);
  at.write('knock/knock_config', `Host web\n  ${lines.replace('~/../..@', at.folder)}\n`);
  expect(at.run(['knock', '--dry-run', 'web'])).toEqual({ status: 0, stdout: printed, stderr: '' });
});
