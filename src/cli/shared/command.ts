import type { Argv, CommandModule, Options, PositionalOptions } from 'yargs';
import type { Log } from '../../util/log.ts';
import type { HostKind } from '../config/door-hosts.ts';
import type { Pasted } from './pasted-command.ts';

/** An option as data: --help, the man page, docs/commands.md, completion and the type of its value come from it. */
export interface OptionRow {
  /** `text` takes a value, of which the last given counts, as in ssh; `count` counts how often it is given. */
  readonly type: 'text' | 'flag' | 'count';
  readonly help: string;
  /** One character. */
  readonly alias?: string;
  /** What the help calls the value: `PORT`; its text may refer to that. Choices name themselves. */
  readonly value?: string;
  readonly choices?: readonly string[];
  /** One of the choices. */
  readonly default?: string;
  readonly completes?: Completes;
  readonly conflicts?: readonly string[];
  readonly implies?: string;
}

export interface OperandRow {
  readonly help: string;
  /** `HOST` is required, `[HOST]` may be left out, `[PORT...]` takes any number; `[ADDRESS:]PORT` is required. */
  readonly shown: string;
  readonly choices?: readonly string[];
  readonly completes?: Completes;
}

/** What a shell completes a value to: a kind of host, or the name of a file. */
export type Completes = HostKind | 'file';

export type OptionTable = Readonly<Record<string, OptionRow>>;
export type OperandTable = Readonly<Record<string, OperandRow>>;

type CamelCase<Name> = Name extends `${infer Head}-${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : Name;
type Choice<Row> = Row extends { choices: readonly (infer Word)[] } ? Word : string;
type OptionValue<Row> = Row extends { type: 'flag' }
  ? boolean
  : Row extends { type: 'count' }
    ? number
    : Choice<Row>;
type IsAlwaysThere<Row> = Row extends { default: string } | { type: 'count' } ? true : false;

/** The values of a table's options by their names in camelCase; an option that is not given is not there. */
export type OptionValues<Table> = {
  [Name in keyof Table as IsAlwaysThere<Table[Name]> extends true ? never : CamelCase<Name>]?: OptionValue<
    Table[Name]
  >;
} & {
  [Name in keyof Table as IsAlwaysThere<Table[Name]> extends true ? CamelCase<Name> : never]: OptionValue<
    Table[Name]
  >;
};

/** The values of a table's operands. */
type OperandValues<Table> = {
  [Name in keyof Table as Table[Name] extends { shown: `[${string}]` } ? Name : never]?: Table[Name] extends {
    shown: `[${string}...]`;
  }
    ? string[]
    : Choice<Table[Name]>;
} & {
  [Name in keyof Table as Table[Name] extends { shown: `[${string}]` } ? never : Name]: Choice<Table[Name]>;
};

/** What a command is run with beside its own arguments. */
export interface CommandContext {
  readonly log: Log;
  /** Whether `-` was among the operands: yargs drops it. */
  readonly readsStdin: boolean;
  /** A command line of another program among the operands. */
  readonly pasted?: Pasted | undefined;
}

interface CommandText {
  readonly name: string;
  readonly help: string;
  /** The synopsis, where the operands do not give it, then paragraphs about the command. */
  readonly usage?: string;
  readonly epilogue?: string;
}

/** A command, as --help, the man page and docs/commands.md show it. */
export interface Command extends CommandText {
  readonly operands: OperandTable;
  readonly options: OptionTable;
  toYargs(context: CommandContext): CommandModule<object, Arguments>;
}

type Arguments = Readonly<Record<string, unknown>>;

/** A command from its tables; `run` gets the values in their own types. */
export function defineCommand<const Operands extends OperandTable, const Table extends OptionTable>(
  command: CommandText & {
    readonly operands: Operands;
    readonly options: Table;
    run(args: OperandValues<Operands> & OptionValues<Table>, context: CommandContext): void | Promise<void>;
  },
): Command {
  return {
    ...command,
    toYargs: (context) => ({
      command: [command.name, ...yargsOperands(command.operands)].join(' '),
      builder: (yargs) => build(yargs, command),
      handler: (argv) =>
        command.run(readValues(command, argv) as OperandValues<Operands> & OptionValues<Table>, context),
    }),
  };
}

/** What was given, and nothing else: no name of an option as yargs spells it a second time. */
function readValues(
  { operands, options }: Pick<Command, 'operands' | 'options'>,
  argv: Arguments,
): Arguments {
  const names = [...Object.keys(operands), ...Object.keys(options).map(camelCase)];
  return Object.fromEntries(names.flatMap((name) => (argv[name] === undefined ? [] : [[name, argv[name]]])));
}

function camelCase(name: string): string {
  return name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

/** Whether an operand shown like this may be left out. */
export function isOptional(shown: string): boolean {
  return /^\[[^\]]*\]$/.test(shown);
}

function yargsOperands(operands: OperandTable): string[] {
  return Object.entries(operands).map(([name, { shown }]) => {
    if (!isOptional(shown)) return `<${name}>`;
    return `[${name}${shown.endsWith('...]') ? '..' : ''}]`;
  });
}

function build(
  yargs: Argv<object>,
  { operands, options }: Pick<Command, 'operands' | 'options'>,
): Argv<Arguments> {
  for (const [name, row] of Object.entries(operands)) yargs.positional(name, yargsOperand(row));
  return yargs.options(
    Object.fromEntries(Object.entries(options).map(([name, row]) => [name, yargsOption(row)])),
  );
}

function yargsOperand({ shown, choices }: OperandRow): PositionalOptions {
  return {
    type: 'string',
    demandOption: !isOptional(shown),
    ...(shown.endsWith('...]') && { array: true }),
    ...(choices && { choices }),
  };
}

function yargsOption({ type, alias, choices, default: fallback, conflicts, implies }: OptionRow): Options {
  return {
    ...(alias !== undefined && { alias }),
    ...(type === 'text' && { type: 'string', requiresArg: true, coerce: last<string | undefined> }),
    ...(type === 'flag' && { type: 'boolean' }),
    ...(type === 'count' && { type: 'count', default: 0 }),
    ...(choices && { choices }),
    ...(fallback !== undefined && { default: fallback }),
    ...(conflicts && { conflicts }),
    ...(implies !== undefined && { implies }),
  };
}

function last<T>(value: T | T[]): T {
  return Array.isArray(value) ? value.at(-1)! : value;
}
