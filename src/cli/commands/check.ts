import { isIP } from 'node:net';
import { diagnose, type Verdict } from '../../check/diagnosis.ts';
import { exitCodeHelp } from '../../check/exit-codes.ts';
import { layOut, type Picture } from '../../check/picture/picture.ts';
import { renderSvg } from '../../check/picture/render-svg.ts';
import { renderText } from '../../check/picture/render-text.ts';
import { check } from '../../check/run-check.ts';
import { Steps, stepLine } from '../../check/steps.ts';
import { verdictLines } from '../../check/verdict-lines.ts';
import { usageError } from '../../util/errors.ts';
import { type Log, printable } from '../../util/log.ts';
import { oneLine } from '../../util/text.ts';
import { defineCommand, type OptionTable, type OptionValues } from '../shared/command.ts';
import { toJsonText } from '../shared/json.ts';
import { checkNewFile, writeNewFile } from '../shared/new-file.ts';
import { boundTo, familyOf, HOST, HOST_OPTIONS, type HostArgs } from '../shared/option-tables.ts';
import { readPort } from '../shared/port.ts';
import { readTerminal } from '../shared/terminal.ts';
import { hang } from '../shared/wrap-text.ts';

const OPTIONS = {
  ...HOST_OPTIONS,
  all: { type: 'flag', help: 'show every possible cause, not only the three that are easiest to verify' },
  wait: {
    type: 'flag',
    help: 'if this machine opened the door in the last minute, wait until the minute is over, so that the knock is tested',
  },
  json: {
    type: 'flag',
    help: 'print JSON: host, port, class, exitCode, problems, warnings, addresses, steps',
  },
  svg: {
    type: 'text',
    value: 'FILE',
    completes: 'file',
    help: 'write the timeline to FILE as SVG, without addresses or ports; FILE must not exist; -: standard output',
  },
} as const satisfies OptionTable;

/** Diagnoses a host. */
export const checkCommand = defineCommand({
  name: 'check',
  help: 'diagnose a host: what fails, why, and how to fix it',
  usage:
    'check HOST [PORT]\n\n' +
    'Checks the configuration, the name and the port, knocks at most as often as a login, reads the SSH\n' +
    'banner, and sends the close sequence if there is one. Runs the commands of Match exec, like ssh. Nothing\n' +
    'else is sent to the server, and no sequence is printed.',
  epilogue: exitCodeHelp(),
  operands: {
    ...HOST,
    port: { shown: '[PORT]', help: 'the port to check, instead of Port in the configuration' },
  },
  options: OPTIONS,
  run: (args, { log }) => run(args, log),
});

async function run(args: HostArgs & OptionValues<typeof OPTIONS>, report: Log): Promise<void> {
  const { host: alias, all = false, json = false, wait: waits = false, svg, config, knockConfig } = args;
  if (svg === '-' && json) throw usageError('--svg - and --json both use standard output');
  if (svg !== undefined && svg !== '-') checkNewFile(svg);
  const isText = !json && svg !== '-';
  const port = args.port === undefined ? undefined : readPort(args.port);
  const steps = new Steps((step) => {
    if (isText) print(stepLine(step));
  });
  const warn = (text: string) => report.warning(text);
  const from = { family: familyOf(args), ...boundTo(args) };
  const findings = await check({ alias, port, ...from, config, knockConfig, waits, steps, warn });
  const verdict = diagnose(findings);
  process.exitCode = verdict.exitCode;
  const picture = layOut(steps.recorder.trace, title(alias, verdict));
  if (json) {
    const { addresses, host, port } = findings;
    console.log(toJsonText({ host, port, ...verdict, addresses, steps: steps.all }));
  } else if (isText) printResult(picture, verdictLines(printable(alias), verdict, all));
  if (svg === '-') process.stdout.write(renderSvg(picture));
  else if (svg !== undefined) writeNewFile(svg, renderSvg(picture));
}

/** A host that was typed as an address is not named: the picture is for others. */
function title(alias: string, { class: of, exitCode }: Verdict): string {
  const family = isIP(alias);
  const host = family === 0 ? printable(alias) : `an IPv${family} address`;
  return `knockproxy check ${host}: ${of}${exitCode === 0 ? '' : ` (exit status ${exitCode})`}`;
}

function printResult(picture: Picture, verdict: readonly string[]): void {
  const drawn = renderText(picture, readTerminal());
  console.log(['', ...drawn, ...(drawn.length > 0 ? [''] : [])].join('\n'));
  for (const line of verdict) print(line);
}

/** On a terminal, a line that does not fit continues below its text; a file or a pipe gets it whole. */
function print(line: string): void {
  const safe = oneLine(line);
  const [, head = '', text = safe] = /^( *[\d.]+ s {2}\w+ +\w+ {2,}|[ \w]*: )(.*)$/.exec(safe) ?? [];
  console.log(process.stdout.isTTY ? hang(head, text, readTerminal().columns).join('\n') : safe);
}
