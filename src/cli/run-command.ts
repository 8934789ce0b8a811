import pkg from '../../package.json' with { type: 'json' };
import { Log, toKnockproxyError } from '../util/log.ts';
import { checkCommandLine } from '../util/shell-glob-check.ts';
import { COMMANDS } from './commands.ts';
import { answerShell, COMPLETE } from './completion/answer-shell.ts';
import { INTERRUPT } from './config/prompt.ts';
import type { Expanded } from './expand-pasted.ts';
import { helpText } from './help-text.ts';
import { operandsFirst } from './operands.ts';
import type { Command } from './shared/command.ts';
import { watchOutput } from './shared/output.ts';

import { readTerminal } from './shared/terminal.ts';
import { noHelpFor, proxyFormError } from './usage-errors.ts';

import { explainRefusal } from './yargs-errors.ts';

/** Runs a command that the user typed. Reports errors, and sets process.exitCode. */
export async function run(argv: readonly string[]): Promise<void> {
  if (argv[0] === COMPLETE) return answerShell(argv.slice(1), COMMANDS);
  const log = new Log();
  const output = watchOutput();
  try {
    await parse(argv, log);
    await output.written();
  } catch (cause) {
    const error = toKnockproxyError(cause);
    log.error(error);
    process.exitCode = error.cause === INTERRUPT ? 130 : error.exitCode;
  }
}

const NAMES: ReadonlySet<string> = new Set(COMMANDS.map(({ name }) => name));

/** `help` and `help COMMAND` as git has them; nothing at all is a question too. */
function spellHelp(argv: readonly string[]): readonly string[] {
  const [word, command = '', ...rest] = argv;
  if (word === undefined || (word === 'help' && argv.length === 1)) return ['--help'];
  if (word !== 'help' || rest.length > 0) return argv;
  if (NAMES.has(command)) return [command, '--help'];
  throw noHelpFor(command, NAMES);
}

/** `-h` may follow other flags of one letter. */
function asksForHelp(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return argv.slice(0, end < 0 ? argv.length : end).some((word) => /^(--help|-[46uvy]*h)$/.test(word));
}

/** `--svg -` as `--svg=-`: yargs takes no `-` for a value. */
function joinDash(argv: readonly string[]): readonly string[] {
  const options = commandOf(argv)?.options ?? {};
  const takesValue = (word = '') => word.startsWith('--') && options[word.slice(2)]?.type === 'text';
  return argv.flatMap((word, index) => {
    if (word === '-' && takesValue(argv[index - 1])) return [];
    return argv[index + 1] === '-' && takesValue(word) ? [`${word}=-`] : [word];
  });
}

/** A value of an option may be spelt like a command: the first word counts. */
function commandOf(argv: readonly string[]): Command | undefined {
  const typed = argv.find((word) => NAMES.has(word));
  return COMMANDS.find(({ name }) => name === typed);
}

async function withoutPasted(argv: readonly string[]): Promise<Expanded> {
  return argv[0] === 'add' ? (await import('./expand-pasted.ts')).expandPasted(argv) : { argv };
}

async function parse(typed: readonly string[], log: Log): Promise<void> {
  checkCommandLine(typed, NAMES);
  const { argv, pasted } = await withoutPasted(spellHelp(typed));
  if (asksForHelp(argv)) {
    process.stdout.write(helpText(commandOf(argv), readTerminal().columns));
    return;
  }
  const { default: yargs } = await import('yargs');
  const words = joinDash(argv);
  // yargs drops an operand `-`.
  const context = { log, readsStdin: words.includes('-'), pasted };
  const commands = COMMANDS.map((command) => command.toYargs(context));
  await yargs(
    operandsFirst(
      words.filter((word) => word !== '-'),
      NAMES,
    ),
  )
    .scriptName('knockproxy')
    .parserConfiguration({ 'parse-numbers': false, 'parse-positional-numbers': false })
    .command(commands)
    .command(
      '$0',
      false,
      (command) => command.strict(false).strictOptions(),
      () => {
        throw proxyFormError(argv, NAMES);
      },
    )
    // explainRefusal() recognizes the English messages.
    .detectLocale(false)
    .strict()
    .version(pkg.version)
    .alias('V', 'version')
    .help(false)
    .fail((message, error) => {
      throw error ?? explainRefusal(message, argv, commandOf(argv));
    })
    .exitProcess(false)
    .parseAsync();
}
