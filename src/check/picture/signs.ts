import type { Style } from './lane.ts';

/** The sign of a bar, and the one at its end. */
export type Signs = Record<Style, readonly [string, string]>;

export const ASCII: Signs = {
  phase: ['=', '='],
  knock: ['|', '|'],
  silent: ['-', '-'],
  refused: ['-', 'x'],
  entered: ['-', 'O'],
  maybe: ['?', '?'],
  open: ['#', '#'],
  banner: ['=', '='],
  close: ['=', '='],
};

export const UNICODE: Signs = {
  phase: ['━', '━'],
  knock: ['│', '│'],
  silent: ['╌', '╌'],
  refused: ['─', '✗'],
  entered: ['─', '●'],
  maybe: ['░', '░'],
  open: ['█', '█'],
  banner: ['━', '━'],
  close: ['━', '━'],
};

/** SGR parameters: dim, yellow, red, green, cyan, magenta. */
export const COLOURS: Record<Style, string> = {
  phase: '2',
  knock: '33',
  silent: '2',
  refused: '31',
  entered: '32',
  maybe: '32',
  open: '32',
  banner: '36',
  close: '35',
};

export const LEGEND: readonly [Style, string][] = [
  ['silent', 'no answer'],
  ['refused', 'refused'],
  ['entered', 'gets in'],
  ['maybe', 'may be open'],
  ['open', 'door open'],
];
