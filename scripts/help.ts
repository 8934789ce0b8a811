import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { COMMANDS } from '../src/cli/commands.ts';
import type { OptionRow } from '../src/cli/shared/command.ts';

/** An option, as the man page and docs/commands.md show it. */
export interface HelpOption {
  /** Without dashes. */
  readonly name: string;
  readonly alias: string | undefined;
  /** What its value is called; undefined: it takes none. */
  readonly value: string | undefined;
  readonly help: string;
}

export interface HelpCommand {
  readonly name: string;
  /** `HOST [PORT]` */
  readonly operands: string;
  readonly help: string;
  readonly options: readonly HelpOption[];
}

const PROGRAM = fileURLToPath(new URL('../dist/knockproxy.cjs', import.meta.url));

/** Every command, from the tables of src/cli. */
export function readCommands(): HelpCommand[] {
  return COMMANDS.map(({ name, operands, help, options }) => ({
    name,
    operands: Object.values(operands)
      .map(({ shown }) => shown.replace('...', ' ...'))
      .join(' '),
    help,
    options: Object.entries(options).map(([option, row]) => readOption(option, row)),
  }));
}

function readOption(
  name: string,
  { type, alias, value, choices, default: fallback, help }: OptionRow,
): HelpOption {
  return {
    name,
    alias,
    value: type === 'text' ? (choices?.join('|') ?? value ?? 'VALUE') : undefined,
    help: fallback === undefined ? help : `${help}; default ${fallback}`,
  };
}

/** The form that ssh runs: `--help` shows it, src/argv.ts reads it. */
export function readProxyForm(): string {
  const help = execFileSync(process.execPath, [PROGRAM, '--help'], { encoding: 'utf8', timeout: 20_000 });
  return /ProxyCommand (knockproxy .*?%r.*?)\n/s.exec(help)![1]!.replace(/\s+/g, ' ');
}

/** A command with all its options, as docs/commands.md shows it. */
export function synopsis({ name, operands, options }: HelpCommand): string {
  const words = options.map(({ name: option, alias, value }) => {
    const short = alias === undefined ? '' : `-${alias}|`;
    return `[${short}--${option}${value === undefined ? '' : ` ${value}`}]`;
  });
  const lines = [`knockproxy ${name}${operands === '' ? '' : ` ${operands}`}`];
  for (const word of words) {
    const line = `${lines.at(-1)} ${word}`;
    if (line.length <= 106) lines[lines.length - 1] = line;
    else lines.push(`    ${word}`);
  }
  return lines.join('\n');
}
