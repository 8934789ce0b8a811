import yargs from 'yargs';
import pkg from '../../package.json' with { type: 'json' };
import { Log, toKnockproxyError } from '../util/log.ts';
import { checkCommandLine } from '../util/shell-glob-check.ts';
import { COMMANDS } from './commands.ts';
import { INTERRUPT } from './config/prompt.ts';
import { operandsFirst } from './operands.ts';
import type { Command } from './shared/command.ts';
import { watchOutput } from './shared/output.ts';
import { proxyFormError } from './usage-errors.ts';
import { explainRefusal } from './yargs-errors.ts';

const USAGE = `knockproxy: reach SSH servers hidden behind a knock

In ~/.ssh/config:
  ProxyCommand knockproxy [-F FILE] [-4|-6] [-v ...] [--fdpass]
                          [--knock-config FILE|none] -- '%h' %p ['%n' ['%r']]
where %h and %p are HOST and PORT. '%n' and '%r', the name and the user as typed, are needed where several names
lead to one HOST and PORT and have different doors, and where a door depends on the name or the user.`;

/** Runs a command that the user typed. Reports errors, and sets process.exitCode. */
export async function run(argv: readonly string[]): Promise<void> {
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
  if (word === undefined) return ['--help'];
  return word === 'help' && NAMES.has(command) && rest.length === 0 ? [command, '--help'] : argv;
}

/** A value of an option may be spelt like a command: the first word counts. */
function commandOf(argv: readonly string[]): Command | undefined {
  const typed = argv.find((word) => NAMES.has(word));
  return COMMANDS.find(({ name }) => name === typed);
}

async function parse(typed: readonly string[], log: Log): Promise<void> {
  checkCommandLine(typed, NAMES);
  const argv = spellHelp(typed);
  // yargs drops an operand `-`.
  const context = { log, readsStdin: argv.includes('-') };
  const commands = COMMANDS.map((command) => command.toYargs(context));
  await yargs(
    operandsFirst(
      argv.filter((arg) => arg !== '-'),
      NAMES,
    ),
  )
    .scriptName('knockproxy')
    .usage(USAGE)
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
    .alias('h', 'help')
    .alias('V', 'version')
    .wrap(null)
    .fail((message, error) => {
      throw error ?? explainRefusal(message, argv, commandOf(argv));
    })
    .exitProcess(false)
    .parseAsync();
}
