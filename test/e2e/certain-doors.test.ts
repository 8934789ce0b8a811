import { DOOR_ROWS } from '../reliability/kinds.ts';
import { describeRows } from '../reliability/suite.ts';

describeRows('a door opens, whatever kind it is:', DOOR_ROWS);
