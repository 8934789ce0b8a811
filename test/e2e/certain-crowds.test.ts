import { CROWD_ROWS } from '../reliability/crowds.ts';
import { DISTURBED_ROWS } from '../reliability/disturbed.ts';
import { describeRows } from '../reliability/suite.ts';

describeRows('many logins open it,', CROWD_ROWS);
describeRows('a login succeeds,', DISTURBED_ROWS);
