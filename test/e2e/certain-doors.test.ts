import { DOOR_ROWS } from '../certain/kinds.ts';
import { describeRows } from '../certain/suite.ts';

describeRows('a door opens, whatever kind it is:', DOOR_ROWS);
