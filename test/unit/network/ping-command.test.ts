import { expect, it } from 'vitest';
import { pingArguments, pingFolders, pingName } from '../../../src/network/ping-command.ts';

const IPV4 = { family: 4, address: '192.0.2.1', size: 300 } as const;
const IPV6 = { family: 6, address: '2001:db8::1', size: 0, localAddress: '2001:db8::2' } as const;

it.each([
  ['linux', IPV4, 'ping -n -c 1 -s 300 -W 1 192.0.2.1'],
  ['linux', IPV6, 'ping -6 -n -c 1 -s 0 -W 1 -I 2001:db8::2 2001:db8::1'],
  ['android', IPV4, 'ping -n -c 1 -s 300 -W 1 192.0.2.1'],
  ['darwin', IPV4, 'ping -n -c 1 -s 300 -W 1000 192.0.2.1'],
  ['darwin', IPV6, 'ping6 -n -c 1 -s 0 -S 2001:db8::2 2001:db8::1'],
  ['freebsd', { ...IPV4, localAddress: '192.0.2.2' }, 'ping -n -c 1 -s 300 -W 1000 -S 192.0.2.2 192.0.2.1'],
  ['openbsd', IPV6, 'ping6 -n -c 1 -s 0 -I 2001:db8::2 2001:db8::1'],
  ['netbsd', IPV4, 'ping -n -c 1 -s 300 192.0.2.1'],
  ['win32', IPV4, 'ping -4 -n 1 -l 300 -w 1000 192.0.2.1'],
  ['win32', IPV6, 'ping -6 -n 1 -l 0 -w 1000 -S 2001:db8::2 2001:db8::1'],
] as const)('%s: %o', (platform, ping, line) => {
  const all = { platform, ...ping };
  expect([pingName(all), ...pingArguments(all)].join(' ')).toBe(line);
});

it('is searched for in absolute folders of PATH, then in those of the system', () => {
  expect(pingFolders('/opt/bin:.::bin:/bin')).toEqual([
    '/opt/bin',
    '/bin',
    '/bin',
    '/usr/bin',
    '/sbin',
    '/usr/sbin',
  ]);
});
