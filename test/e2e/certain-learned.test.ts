import { LINE_ROWS } from '../reliability/lines.ts';
import { describeRows } from '../reliability/suite.ts';

describeRows(
  'a door that was opened before opens again over',
  LINE_ROWS.filter(({ name }) => !name.endsWith(', first')),
);
