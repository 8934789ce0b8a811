import type { Bar, Lane, Point, Style } from './lane.ts';
import type { Picture } from './picture.ts';
import { type Scale, ticks } from './scale.ts';

const WIDTH = 960;
const LABEL_WIDTH = 90;
const NOTE_WIDTH = 230;
const CHART_WIDTH = WIDTH - LABEL_WIDTH - NOTE_WIDTH - 20;
const ROW = 24;
const TOP = 72;
const CHAR_WIDTH = 8;
const MOST_NOTE = 30;

const COLOURS: Record<Style, string> = {
  phase: '#8c959f',
  knock: '#9a6700',
  silent: '#8c959f',
  refused: '#cf222e',
  entered: '#1a7f37',
  maybe: '#aceebb',
  open: '#4ac26b',
  banner: '#0969da',
  close: '#8250df',
};
const NAMES: Record<Style, string> = {
  phase: 'before the knocks',
  knock: 'a knock',
  silent: 'a connect without an answer',
  refused: 'refused',
  entered: 'the connect that gets in',
  maybe: 'the door may be open',
  open: 'the door is open',
  banner: 'the banner of the SSH server',
  close: 'the close sequence',
};

/** The picture as an SVG document that needs nothing else: no script, no font, no style sheet. */
export function renderSvg({ title, scale, lanes }: Picture): string {
  const height = TOP + lanes.length * ROW + 16;
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img" font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="12">`,
    `<title>${escapeXml(title)}</title>`,
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    text(12, 24, title, 'font-size="14" font-weight="bold"'),
    ...axis(scale, height),
    ...lanes.flatMap((lane, index) => drawLane(lane, scale, TOP + index * ROW)),
    '</svg>',
  ].join('\n')}\n`;
}

function axis(scale: Scale, height: number): string[] {
  const marks = ticks(scale, Math.floor(CHART_WIDTH / CHAR_WIDTH)).flatMap(({ at, text: ms }) => {
    const x = round(LABEL_WIDTH + at * CHART_WIDTH);
    return [text(x, 50, ms), `<path d="M${x} 56V${height - 12}" stroke="#d0d7de"/>`];
  });
  const breaks = scale.segments.filter(({ isBreak }) => isBreak);
  const cuts = breaks.map(({ from, to }) => {
    const x = round(LABEL_WIDTH + ((from + to) / 2) * CHART_WIDTH);
    return `<path d="M${x - 5} 64l5 -12m2 12l5 -12" stroke="#57606a"><title>the scale is shortened here</title></path>`;
  });
  return [
    text(12, 50, 'ms'),
    `<path d="M${LABEL_WIDTH} 58H${LABEL_WIDTH + CHART_WIDTH}" stroke="#57606a"/>`,
    ...marks,
    ...cuts,
  ];
}

function drawLane({ label, bars, points, note }: Lane, scale: Scale, y: number): string[] {
  const place = (ms: number) => round(LABEL_WIDTH + scale.at(ms) * CHART_WIDTH);
  const isHeading = bars.length + points.length === 0;
  return [
    text(12, y + 16, label, isHeading ? 'font-weight="bold"' : ''),
    ...bars.map((bar) => drawBar(bar, place, y)),
    ...points.map((point) => drawPoint(point, place, y)),
    text(
      LABEL_WIDTH + CHART_WIDTH + 14,
      y + 16,
      note.length <= MOST_NOTE ? note : `${note.slice(0, MOST_NOTE - 3)}...`,
    ),
  ].filter((line) => line !== '');
}

function drawBar(
  { style, fromMs, toMs, goesOn = false }: Bar,
  place: (ms: number) => number,
  y: number,
): string {
  const [from, to] = [place(fromMs), place(toMs)];
  const isConnect = style === 'silent' || style === 'refused' || style === 'entered';
  const width = round(Math.max(2, to - from));
  const title = `<title>${NAMES[style]}: ${time(fromMs)} to ${goesOn ? 'the end' : time(toMs)}</title>`;
  const fill = `fill="${COLOURS[style]}"`;
  const bar = isConnect
    ? `<rect x="${from}" y="${y + 10}" width="${width}" height="3" ${fill}/>`
    : `<rect x="${from}" y="${y + 5}" width="${width}" height="13" ${fill}/>`;
  const arrow = goesOn ? `<path d="M${to} ${y + 3}l8 8.5l-8 8.5z" ${fill}/>` : '';
  const end = isConnect && style !== 'silent' ? `<circle cx="${to}" cy="${y + 11.5}" r="5" ${fill}/>` : '';
  return `<g>${title}${bar}${arrow}${end}</g>`;
}

function drawPoint({ style, atMs, name }: Point, place: (ms: number) => number, y: number): string {
  const x = place(atMs);
  return `<path d="M${x} ${y + 4}V${y + 19}" stroke="${COLOURS[style]}" stroke-width="2"><title>${name}: ${time(atMs)}</title></path>`;
}

function time(ms: number): string {
  return `${Math.round(ms)} ms`;
}

function round(number: number): number {
  return Math.round(number * 10) / 10;
}

function text(x: number, y: number, content: string, more = ''): string {
  if (content === '') return '';
  return `<text x="${x}" y="${y}" fill="#24292f"${more === '' ? '' : ` ${more}`}>${escapeXml(content)}</text>`;
}

function escapeXml(content: string): string {
  return content.replace(/[<>&"]/g, (char) => `&#${char.charCodeAt(0)};`);
}
