import yargs from 'yargs';
import pkg from '../../package.json' with { type: 'json' };
import { Log, toKnockproxyError } from '../util/log.ts';
import { checkCommandLine } from '../util/shell-glob-check.ts';
import { addCommand } from './commands/add.ts';
import { checkCommand } from './commands/check.ts';
import { closeCommand } from './commands/close.ts';
import { completionCommand } from './commands/completion.ts';
import { generateCommand } from './commands/generate.ts';
import { importCommand } from './commands/import.ts';
import { knockCommand } from './commands/knock.ts';
import { listCommand } from './commands/list.ts';
import { openCommand } from './commands/open.ts';
import { removeCommand } from './commands/remove.ts';
import { INTERRUPT } from './config/prompt.ts';
import { operandsFirst } from './operands.ts';
import { watchOutput } from './shared/output.ts';
import { proxyFormError } from './usage-errors.ts';
import { explainRefusal } from './yargs-errors.ts';

const USAGE = `knockproxy: reach SSH servers hidden behind a knock

In ~/.ssh/config:
  ProxyCommand knockproxy [-F FILE] [-4|-6] [-v ...] [--fdpass]
                          [--knock-config FILE|none] -- '%h' %p ['%n' ['%r']]
where %h and %p are HOST and PORT. '%n' and '%r', the name and the user as typed, are needed where several names
lead to one HOST and PORT and have different doors, and where a door depends on the name or the user.`;

/** The commands a person types. Reports its own errors; the exit status is left in process.exitCode. */
export async function run(argv: readonly string[]): Promise<void> {
  const report = new Log();
  const output = watchOutput();
  try {
    await parse(argv, report);
    await output.written();
  } catch (cause) {
    const error = toKnockproxyError(cause);
    report.error(error);
    process.exitCode = error.cause === INTERRUPT ? 130 : error.exitCode;
  }
}

const COMMANDS: ReadonlySet<string> = new Set(
  'knock add import list check remove open close generate completion'.split(' '),
);

async function parse(argv: readonly string[], report: Log): Promise<void> {
  checkCommandLine(argv, COMMANDS);
  // yargs loses an operand `-` on its way to a positional.
  const portsOnStdin = argv.includes('-');
  await yargs(
    operandsFirst(
      argv.filter((arg) => arg !== '-'),
      COMMANDS,
    ),
  )
    .scriptName('knockproxy')
    .usage(USAGE)
    .parserConfiguration({ 'parse-numbers': false, 'parse-positional-numbers': false })
    .command(knockCommand(report, portsOnStdin))
    .command(addCommand())
    .command(importCommand())
    .command(listCommand(report))
    .command(checkCommand(report))
    .command(removeCommand())
    .command(openCommand(report))
    .command(closeCommand())
    .command(generateCommand())
    .command(completionCommand())
    .command(
      '$0',
      false,
      (command) => command.strict(false).strictOptions(),
      () => {
        throw proxyFormError(argv);
      },
    )
    // Other languages would need other words to look for in explainRefusal().
    .detectLocale(false)
    .strict()
    .version(pkg.version)
    .alias('h', 'help')
    .alias('V', 'version')
    .wrap(null)
    .fail((message, error) => {
      throw error ?? explainRefusal(message, argv);
    })
    .exitProcess(false)
    .parseAsync();
}
