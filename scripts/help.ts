import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** What `--help` says of one option. */
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

/** Every command, from the built program: the yargs builders of src/cli are the one table of options. */
export function readCommands(): HelpCommand[] {
  const lines = help().matchAll(/^ {2}knockproxy (\S+) ?(.*?) {2,}(.*)$/gm);
  return [...lines].map(([, name = '', operands = '', text = '']) => {
    const options = readOptions(help(name));
    return { name, operands: operands.toUpperCase().replace('S..', ' ...'), help: text, options };
  });
}

/** The form that ssh runs: `--help` shows it, src/argv.ts reads it. */
export function readProxyForm(): string {
  return /ProxyCommand (knockproxy .*?%r.*?)\n/s.exec(help())![1]!.replace(/\s+/g, ' ');
}

function help(...command: string[]): string {
  return execFileSync(process.execPath, [PROGRAM, ...command, '--help'], {
    encoding: 'utf8',
    timeout: 20_000,
  });
}

const OPTION =
  /^ +(?:-(\w), )? *--([\w-]+) +(.*?) *\[(boolean|string|count|array)\](?: +\[required\])?(.*)$/gm;

/** All but --help and --version, which every command has. */
function readOptions(text: string): HelpOption[] {
  return [...text.matchAll(OPTION)]
    .filter(([, , name = '']) => !['help', 'version'].includes(name))
    .map(([, alias, name = '', said = '', type, rest = '']) => {
      const named = type === 'boolean' || type === 'count' ? undefined : nameOfValue(said, rest);
      return { name, alias, value: named?.value, help: named?.help ?? said };
    });
}

/** `choices` say it, or the text begins with it: `PORT: the hidden port`. */
function nameOfValue(said: string, rest: string): { value: string; help: string } {
  const [, choices] = /\[choices: (.*?)\]/.exec(rest) ?? [];
  if (choices !== undefined) {
    const [, fallback] = /\[default: "(.*?)"\]/.exec(rest) ?? [];
    const value = choices.replaceAll('"', '').replaceAll(', ', '|');
    return { value, help: fallback === undefined ? said : `${said}, ${fallback} by default` };
  }
  const [, value = 'VALUE', text = said] = /^([A-Za-z|,]*[A-Z|][A-Za-z|,]*): (.*)$/.exec(said) ?? [];
  return { value, help: text };
}

/** A command with all its options, as README shows it. */
export function synopsis({ name, operands, options }: HelpCommand): string {
  const words = options.map(({ name: option, alias, value }) => {
    const short = alias === undefined ? '' : `-${alias}|`;
    return `[${short}--${option}${value === undefined ? '' : ` ${value}`}]`;
  });
  const lines = [`knockproxy ${name}${operands === '' ? '' : ` ${operands.replace(/[<>]/g, '')}`}`];
  for (const word of words) {
    const line = `${lines.at(-1)} ${word}`;
    if (line.length <= 106) lines[lines.length - 1] = line;
    else lines.push(`    ${word}`);
  }
  return lines.join('\n');
}
