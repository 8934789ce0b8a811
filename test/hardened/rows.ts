import { DOORS, type DoorKind, KNOCKD_UFW, NFT_DOORS } from './doors.ts';
import { LIMITERS, type Limiter } from './limiters.ts';

/** One kind of server with a limit, over one line; bench/hardened.ts runs all, the end-to-end tests some. */
export interface Row {
  /** Unique. */
  readonly name: string;
  readonly limiter: Limiter;
  readonly door: DoorKind;
  readonly rttMs: (typeof RTTS_MS)[number];
}

export const RTTS_MS = [0, 20, 100] as const;

export const ROWS: readonly Row[] = LIMITERS.flatMap((limiter) =>
  doorsFor(limiter).flatMap((door) =>
    RTTS_MS.map((rttMs) => ({ name: `${limiter.name}: ${door.name} at ${rttMs} ms`, limiter, door, rttMs })),
  ),
);

/**
 * Each limit, each door and each round trip, but for a door whose command is ufw: a Python program takes so long to start
 * on a machine that runs other tests that its opening time says nothing.
 */
const CI = [
  'recent hitcount 4: knockd -A at 20 ms',
  'recent hitcount 5: nft behind at 0 ms',
  'recent hitcount 6: knockd -A at 100 ms',
  'recent hitcount 10: knockd -I at 0 ms',
  'ufw limit: nft in front at 20 ms',
  'hashlimit 5/min: knockd -A at 100 ms',
  'connlimit 2: nft in front at 20 ms',
  'nftables meter: knockd -A at 0 ms',
  'three stages: knockd -A at 20 ms',
  'three stages: nft behind at 100 ms',
  'fail2ban aggressive: knockd -A at 20 ms',
  'PerSourcePenalties: knockd -I at 100 ms',
];

export const CI_ROWS: readonly Row[] = CI.map((name) => {
  const row = ROWS.find((candidate) => candidate.name === name);
  if (row === undefined) throw new Error(`there is no row '${name}'`);
  return row;
});

/** ufw allows what it limits: only a door of its own, or one that drops besides, makes the port hidden. */
function doorsFor({ ufw }: Limiter): readonly DoorKind[] {
  return ufw ? [KNOCKD_UFW, ...NFT_DOORS] : DOORS;
}
