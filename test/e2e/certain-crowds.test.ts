import { CROWD_ROWS } from '../certain/crowds.ts';
import { DISTURBED_ROWS } from '../certain/disturbed.ts';
import { describeRows } from '../certain/suite.ts';

describeRows('many logins open it,', CROWD_ROWS);
describeRows('a login succeeds,', DISTURBED_ROWS);
