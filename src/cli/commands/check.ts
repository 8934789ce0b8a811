import { diagnose } from '../../check/diagnosis.ts';
import { exitCodeHelp } from '../../check/exit-codes.ts';
import { check } from '../../check/run-check.ts';
import { Steps, stepLine, timeline } from '../../check/steps.ts';
import { verdictLines } from '../../check/verdict-lines.ts';
import { type Log, printable } from '../../util/log.ts';
import { oneLine } from '../../util/text.ts';
import { defineCommand, type OptionTable, type OptionValues } from '../shared/command.ts';
import { toJsonText } from '../shared/json.ts';
import { familyOf, HOST, HOST_OPTIONS, type HostArgs } from '../shared/option-tables.ts';
import { readPort } from '../shared/port.ts';

const OPTIONS = {
  ...HOST_OPTIONS,
  all: { type: 'flag', help: 'name every possible cause, not only the three that are cheapest to test' },
  json: {
    type: 'flag',
    help: 'print JSON: host, port, class, exitCode, problems, warnings, addresses, steps',
  },
} as const satisfies OptionTable;

/** Diagnoses a host. */
export const checkCommand = defineCommand({
  name: 'check',
  help: 'diagnose a host: what fails, why, and how to fix it',
  usage:
    'check HOST [PORT]\n\n' +
    'Checks the configuration, the name and the port, knocks like a login and no more often, reads the SSH\n' +
    'banner, and sends the close sequence if there is one. Runs the commands of Match exec, like ssh. Nothing\n' +
    'else is sent to the server, and no sequence is printed.',
  epilogue: exitCodeHelp(),
  operands: { ...HOST, port: { shown: '[PORT]', help: 'instead of Port in the configuration' } },
  options: OPTIONS,
  run: (args, { log }) => run(args, log),
});

async function run(args: HostArgs & OptionValues<typeof OPTIONS>, report: Log): Promise<void> {
  const { host: alias, all = false, json, config, knockConfig } = args;
  const port = args.port === undefined ? undefined : readPort(args.port);
  const steps = new Steps((step) => {
    if (!json) console.log(oneLine(stepLine(step)));
  });
  const warn = (text: string) => report.warning(text);
  const findings = await check({ alias, port, family: familyOf(args), config, knockConfig, steps, warn });
  const verdict = diagnose(findings);
  if (json) {
    const { addresses, host, port } = findings;
    console.log(toJsonText({ host, port, ...verdict, addresses, steps: steps.all }));
  } else {
    const lines = ['', ...timeline(steps.all), '', ...verdictLines(printable(alias), verdict, all)];
    console.log(lines.map(oneLine).join('\n'));
  }
  process.exitCode = verdict.exitCode;
}
