import fs from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { isMissingNeighbour } from '../../../src/network/neighbour.ts';
import { temporaryFolder } from '../temporary-folder.ts';

/** As the kernel prints it (net/ipv4/arp.c). */
const TABLE = `IP address       HW type     Flags       HW address            Mask     Device
192.0.2.1        0x1         0x2         52:54:00:12:34:56     *        eth0
192.0.2.9        0x1         0x0         00:00:00:00:00:00     *        eth0
192.0.2.7        0x1         0x0         00:00:00:00:00:00     *        eth0
192.0.2.7        0x1         0x6         52:54:00:12:34:57     *        eth1
`;

it.each([
  ['192.0.2.1', false],
  ['192.0.2.9', true],
  ['192.0.2.7', false],
  ['192.0.2', false],
  ['198.51.100.1', false],
])('%s is missing: %s', async (address, expected) => {
  const file = path.join(temporaryFolder(), 'arp');
  fs.writeFileSync(file, TABLE);
  expect(await isMissingNeighbour(address, file)).toBe(expected);
});

it('knows nothing where there is no table', async () => {
  expect(await isMissingNeighbour('192.0.2.9', '/nonexistent/arp')).toBe(false);
});
