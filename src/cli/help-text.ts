import { COMMANDS } from './commands.ts';
import type { Command, OperandRow, OptionRow } from './shared/command.ts';
import { hang, wrapText } from './shared/wrap-text.ts';

const ABOUT = `knockproxy: log in to SSH servers protected by port knocking

In ~/.ssh/config:
  ProxyCommand knockproxy [-F FILE] [-4|-6] [-v ...] [--fdpass]
                          [--knock-config FILE|none] -- '%h' %p ['%n' ['%r']]
where %h and %p are HOST and PORT. '%n' and '%r', the name as typed and the user, are needed if several names
resolve to one HOST and PORT and have different doors, or if a door depends on the name or the user.`;

const COMMON: readonly [string, OptionRow][] = [
  ['help', { type: 'flag', alias: 'h', help: 'show this help' }],
  ['version', { type: 'flag', alias: 'V', help: 'show the version' }],
];

/** Longer lines are hard to read, however wide the terminal is. */
const MOST_COLUMNS = 110;
/** The rightmost column in which the texts of a list begin; a longer name has a line of its own. */
const MOST_INDENT = 32;

/** The help of a command; undefined: of the program. @param columns of the terminal. */
export function helpText(command: Command | undefined, columns: number): string {
  const width = Math.min(columns, MOST_COLUMNS);
  const lines = command === undefined ? programHelp(width) : commandHelp(command, width);
  return `${lines.join('\n')}\n`;
}

function programHelp(width: number): string[] {
  const commands = COMMANDS.map((command): HelpRow => [`  ${synopsis(command)}`, command.help]);
  return [
    ...wrapText(ABOUT, width),
    ...list('Commands:', commands, width),
    ...list('Options:', COMMON.map(optionRow), width),
    '',
    ...wrapText("'knockproxy COMMAND --help' describes a command; the manual is knockproxy(1).", width),
  ];
}

function commandHelp(command: Command, width: number): string[] {
  const { help, usage = '', operands, options, epilogue } = command;
  const [line = '', ...about] = usage.split('\n\n');
  const rows = [...Object.entries<OptionRow>(options), ...COMMON];
  return [
    ...hang('Usage: ', `knockproxy ${line || synopsis(command)}`, width),
    '',
    ...wrapText(about.length > 0 ? about.join('\n\n') : sentence(help), width),
    ...list('Operands:', Object.values(operands).map(operandRow), width),
    ...list('Options:', rows.map(optionRow), width),
    ...(epilogue === undefined ? [] : ['', ...wrapText(epilogue, width)]),
  ];
}

/** The first column, and its text. */
type HelpRow = readonly [string, string];

function list(heading: string, rows: readonly HelpRow[], width: number): string[] {
  if (rows.length === 0) return [];
  const widths = rows.map(([name]) => name.length + 2).filter((each) => each <= MOST_INDENT);
  const indent = Math.max(0, ...widths);
  const lines = rows.flatMap(([name, text]) => {
    if (name.length + 2 <= indent) return hang(name.padEnd(indent), text, width);
    return [name, ...hang(' '.repeat(indent), text, width)];
  });
  return ['', heading, ...lines];
}

function operandRow({ shown, help, choices }: OperandRow): HelpRow {
  const name = shown.replace(/[[\].]/g, '');
  return [`  ${name}`, choices === undefined ? help : `${help}: ${choices.join(', ')}`];
}

function optionRow([name, { alias, type, value, choices, default: fallback, help }]: [
  string,
  OptionRow,
]): HelpRow {
  const short = alias === undefined ? '    ' : `-${alias}, `;
  const shown = type === 'text' ? ` ${choices?.join('|') ?? value ?? 'VALUE'}` : '';
  const text = fallback === undefined ? help : `${help} (default ${fallback})`;
  return [`  ${short}--${name}${shown}`, text];
}

/** `check HOST [PORT]` */
function synopsis({ name, operands }: Command): string {
  const shown = Object.values(operands).map(({ shown }) => shown.replace('...', ' ...'));
  return [name, ...shown].join(' ');
}

function sentence(text: string): string {
  return `${text[0]!.toUpperCase()}${text.slice(1)}.`;
}
