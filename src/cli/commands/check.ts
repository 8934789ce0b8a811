import type { Argv, CommandModule } from 'yargs';
import { diagnose, type Verdict } from '../../check/diagnosis.ts';
import { exitCodeHelp } from '../../check/exit-codes.ts';
import { check } from '../../check/run-check.ts';
import { Steps, stepLine, timeline } from '../../check/steps.ts';
import { type Log, printable } from '../../util/log.ts';
import { oneLine } from '../../util/text.ts';
import { type HostArgs, hostOptions } from '../shared/find-door.ts';
import { toJsonText } from '../shared/json.ts';
import { readPort } from '../shared/port.ts';

interface CheckArgs extends HostArgs {
  json?: boolean;
}

/** `knockproxy check`: why it does not work, in one command. */
export function checkCommand(report: Log): CommandModule<object, CheckArgs> {
  return {
    command: 'check <host> [port]',
    describe: 'walk the way that ssh would go, say what fails and what to do',
    builder,
    handler: (args) => run(args, report),
  };
}

function builder(yargs: Argv<object>): Argv<CheckArgs> {
  return hostOptions(yargs)
    .usage(
      '$0 check HOST [PORT]\n\n' +
        'Looks at the configuration, the name and the port, knocks as a login does (up to 12 times per address\n' +
        'family while the port stays shut), reads the SSH banner, sends the close sequence if there is one.\n' +
        'Commands of Match exec are run, as ssh runs them. Nothing else reaches the server; no sequence is printed.',
    )
    .positional('port', { type: 'string', describe: 'instead of Port in the configuration' })
    .option('json', {
      type: 'boolean',
      describe: 'as JSON: host, port, class, exitCode, problems, warnings, addresses, steps',
    })
    .epilogue(exitCodeHelp()) as unknown as Argv<CheckArgs>;
}

async function run(args: CheckArgs, report: Log): Promise<void> {
  const { host: alias, json, ipv4, ipv6, config, knockConfig } = args;
  const port = args.port === undefined ? undefined : readPort(args.port);
  const steps = new Steps((step) => {
    if (!json) console.log(oneLine(stepLine(step)));
  });
  const family = ipv4 ? 4 : ipv6 ? 6 : undefined;
  const warn = (text: string) => report.warning(text);
  const findings = await check({ alias, port, family, config, knockConfig, steps, warn });
  const verdict = diagnose(findings);
  if (json) {
    const { addresses, host, port } = findings;
    console.log(toJsonText({ host, port, ...verdict, addresses, steps: steps.all }));
  } else {
    const lines = ['', ...timeline(steps.all), '', ...verdictLines(printable(alias), verdict)];
    console.log(lines.map(oneLine).join('\n'));
  }
  process.exitCode = verdict.exitCode;
}

function verdictLines(host: string, { class: of, exitCode, problems, warnings }: Verdict): string[] {
  return [
    problems.length === 0
      ? `verdict: ok: ssh ${host} should work`
      : `verdict: ${of} (exit status ${exitCode})`,
    ...problems.flatMap(({ text, causes, todo }) => [
      `problem: ${text}`,
      ...causes.map((cause) => `  maybe: ${cause}`),
      ...todo.map((what) => `  to do: ${what}`),
    ]),
    ...warnings.flatMap(({ text, fix }) => [`warning: ${text}`, `  to do: ${fix}`]),
  ];
}
