import { CROWD_ROWS } from './crowds.ts';
import { DISTURBED_ROWS } from './disturbed.ts';
import { DOOR_ROWS } from './kinds.ts';
import { LINE_ROWS } from './lines.ts';
import { ONE_CONNECTION_ROWS } from './one-connection.ts';
import type { Row } from './row.ts';

/** The whole table. */
export const ROWS: readonly Row[] = [
  ...LINE_ROWS,
  ...ONE_CONNECTION_ROWS,
  ...DOOR_ROWS,
  ...CROWD_ROWS,
  ...DISTURBED_ROWS,
];
