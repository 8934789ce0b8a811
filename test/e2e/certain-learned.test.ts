import { LINE_ROWS } from '../certain/lines.ts';
import { describeRows } from '../certain/suite.ts';

describeRows(
  'a door that was opened before opens again over',
  LINE_ROWS.filter(({ name }) => !name.endsWith(', first')),
);
