import { expect, test } from 'vitest';
import { describeMachine } from '../machine/describe.ts';
import type { DoorName, KindName } from '../machine/kinds.ts';
import { openKind, walk } from '../machine/walk.ts';

/** `npm run bench server` walks every door on every kind of machine. */
const PART: [KindName, DoorName][] = [
  ['ufw', 'knockd'],
  ['nftables', 'nftables, close sequence'],
  ['a user of sudo, sshd on 2222', 'knockd, one-time'],
  ['ens3 without a default route', 'spa'],
];

describeMachine('a door on a machine that boots', () => {
  test.each(PART)(
    '%s: %s: installed, kept, reloaded, rebooted, rotated, removed to the byte',
    async (kind, door) => {
      await using site = await openKind(kind);
      await walk(site, kind, door, 2);
      expect(site.homeThere()).toEqual([]);
    },
    600_000,
  );
});
