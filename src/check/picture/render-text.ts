import type { Bar, Lane, Style } from './lane.ts';

import type { Picture } from './picture.ts';
import { type Scale, ticks } from './scale.ts';
import { ASCII, COLOURS, LEGEND, type Signs, UNICODE } from './signs.ts';

/** How the picture may look. */
interface TextOptions {
  /** Of the terminal, at least 40. */
  readonly columns: number;
  readonly isUnicode: boolean;
  readonly hasColours: boolean;
}

interface Cell {
  readonly sign: string;
  readonly style?: Style;
}

/** Of knocks that share a column. */
const SEVERAL = '*';
const BREAK = '/';
const LABEL_WIDTH = 9;
const MIN_NOTE = 16;
const MAX_NOTE = 34;

/** The picture as lines of at most `columns` characters; none for a check that took no time. */
export function renderText({ scale, lanes }: Picture, options: TextOptions): string[] {
  if (lanes.length === 0) return [];
  const { columns, isUnicode } = options;
  const noteWidth = Math.min(MAX_NOTE, Math.max(MIN_NOTE, Math.floor(columns * 0.28)));
  const width = columns - LABEL_WIDTH - 1 - noteWidth;
  const signs = isUnicode ? UNICODE : ASCII;
  const drawn = lanes.map((lane) => ({ ...lane, cells: drawLane(lane, scale, width, signs) }));
  const rows = drawn.map(({ label, cells, note }) =>
    `${label.padEnd(LABEL_WIDTH)}${paint(cells, options)} ${cut(note, noteWidth)}`.trimEnd(),
  );
  const isShortened = scale.segments.some(({ isBreak }) => isBreak);
  const entries = [
    ...legend(
      drawn.flatMap(({ cells }) => cells),
      signs,
    ),
    ...(isShortened ? [`${BREAK.repeat(2)} shortened`] : []),
  ];
  return [...axis(scale, width, isUnicode), ...rows, ...joined(entries, columns)];
}

function axis(scale: Scale, width: number, isUnicode: boolean): string[] {
  const [line, mark] = isUnicode ? ['─', '┬'] : ['-', '+'];
  const texts = Array<string>(width).fill(' ');
  const rule = Array<string>(width).fill(line);
  for (const { from, to } of scale.segments.filter(({ isBreak }) => isBreak)) {
    const middle = Math.round(((from + to) / 2) * (width - 1));
    rule.splice(middle, 2, BREAK, BREAK);
  }
  for (const { at, text } of ticks(scale, width)) {
    const column = Math.round(at * (width - 1));
    texts.splice(column, text.length, ...text);
    rule[column] = mark;
  }
  const label = 'ms'.padEnd(LABEL_WIDTH);
  return [`${label}${texts.join('')}`.trimEnd(), `${' '.repeat(LABEL_WIDTH)}${rule.join('')}`];
}

function drawLane({ bars, points }: Lane, { at }: Scale, width: number, signs: Signs): Cell[] {
  const cells = Array<Cell>(width).fill({ sign: ' ' });
  const column = (ms: number) => Math.round(at(ms) * (width - 1));
  for (const bar of bars) drawBar(cells, bar, column, signs);
  const taken = new Set<number>();
  for (const { atMs, sign, style } of points) {
    const place = column(atMs);
    const shown = taken.has(place) ? SEVERAL : sign === '|' ? signs[style][0] : sign;
    cells[place] = { sign: shown, style };
    taken.add(place);
  }
  return cells;
}

function drawBar(cells: Cell[], bar: Bar, column: (ms: number) => number, signs: Signs): void {
  const { style, fromMs, toMs, goesOn = false } = bar;
  const [middle, end] = signs[style];
  const last = column(toMs);
  for (let at = column(fromMs); at <= last; at++) cells[at] = { sign: at < last ? middle : end, style };
  if (goesOn) cells[last] = { sign: '>', style };
}

function paint(cells: readonly Cell[], { hasColours }: TextOptions): string {
  if (!hasColours) return cells.map(({ sign }) => sign).join('');
  let text = '';
  let current: Style | undefined;
  for (const { sign, style } of cells) {
    if (style !== current) text += `${current ? '\x1b[0m' : ''}${style ? `\x1b[${COLOURS[style]}m` : ''}`;
    current = style;
    text += sign;
  }
  return current ? `${text}\x1b[0m` : text;
}

function legend(cells: readonly Cell[], signs: Signs): string[] {
  const used = new Set(cells.map(({ style }) => style));
  const styles = LEGEND.filter(([style]) => used.has(style));
  return [
    ...styles.map(([style, what]) => `${signs[style][1]} ${what}`),
    ...(cells.some(({ sign }) => sign === SEVERAL) ? [`${SEVERAL} several knocks`] : []),
  ];
}

/** As few lines as hold the texts. */
function joined(texts: readonly string[], columns: number): string[] {
  const lines: string[] = [];
  for (const text of texts) {
    const longer = `${lines.at(-1)}   ${text}`;
    if (lines.length > 0 && longer.length <= columns) lines[lines.length - 1] = longer;
    else lines.push(' '.repeat(LABEL_WIDTH) + text);
  }
  return lines;
}

function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 3)}...`;
}
