import { LINE_ROWS } from '../reliability/lines.ts';
import { describeRows } from '../reliability/suite.ts';

describeRows(
  'a door opens at first contact over',
  LINE_ROWS.filter(({ name }) => name.endsWith(', first')),
);
