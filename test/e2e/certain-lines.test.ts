import { LINE_ROWS } from '../certain/lines.ts';
import { describeRows } from '../certain/suite.ts';

describeRows(
  'a door opens at first contact over',
  LINE_ROWS.filter(({ name }) => name.endsWith(', first')),
);
