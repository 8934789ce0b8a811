import type { Trap } from '../../check/findings.ts';
import { allUnquotedTraps } from '../../check/unquoted-trap.ts';
import { neededNames } from '../../config/needed-names.ts';
import { readSettings } from '../../config/settings.ts';
import { oneTimeLeft } from '../../secrets/one-time-left.ts';
import { type Config, destinationOf } from '../../ssh-config/evaluate.ts';
import { describePlace, KnockproxyError, usageError } from '../../util/errors.ts';
import { type Log, printable, toKnockproxyError } from '../../util/log.ts';
import { PASS_NAMES } from '../../util/names.ts';
import { ownHome } from '../../util/own-home.ts';
import { oneLine } from '../../util/text.ts';
import { candidateHosts, type DoorLine, doorLines, isDoor, isSpelledOut } from '../config/door-lines.ts';
import { loadPair, readEditableConfigs, settingsFor } from '../config/editable-configs.ts';
import { exportDoors } from '../config/export-doors.ts';
import { lastOpened } from '../config/last-opened.ts';
import { defineCommand, type OptionTable, type OptionValues } from '../shared/command.ts';
import { exposedOutput } from '../shared/exposed-output.ts';
import { toJsonText } from '../shared/json.ts';
import { FILE_OPTIONS } from '../shared/option-tables.ts';

/** A host, or a pattern or Match line for hosts that no file names. */
interface Row {
  readonly host: string;
  readonly file: string;
  readonly line: number;
  /** undefined: the line is invalid. */
  readonly kind?: string;
  /** The number of knocks; undefined if known only at login. */
  readonly steps?: number;
  /** One-time openings that are left; undefined for another kind. */
  readonly left?: number;
  readonly lastOpened?: Date;
  readonly problem?: string;
}

const OPTIONS = {
  ...FILE_OPTIONS,
  json: { type: 'flag', help: 'print JSON: host, file, line, kind, steps, oneTimeLeft, lastOpened, problem' },
  export: {
    type: 'flag',
    conflicts: ['json'],
    help: 'print the doors for import on another machine, without sequences or keys',
  },
  'with-secrets': {
    type: 'flag',
    implies: 'export',
    help: 'with --export: print the sequences too, including those in commands; files are only referred to',
  },
} as const satisfies OptionTable;

/** Lists the doors, never their sequences. */
export const listCommand = defineCommand({
  name: 'list',
  help: 'list the hosts with a door: its kind, where it is configured, when it was last opened',
  operands: { host: { shown: '[HOST...]', help: 'these hosts only', completes: 'door' } },
  options: OPTIONS,
  run: (args, { log }) => list(args, log),
});

type ListArgs = OptionValues<typeof OPTIONS> & { readonly host?: readonly string[] };

function list(args: ListArgs, report: Log): void {
  const config = loadPair(readEditableConfigs(args));
  if (args.export) {
    printExport(config, args, report);
    return;
  }
  const rows = args.host?.length ? args.host.flatMap((host) => namedRow(config, host)) : collect(config);
  if (args.json) console.log(toJsonText(rows.map(toJson)));
  else if (rows.length === 0) console.log('no host has a door: knockproxy add HOST');
  else console.log(table(rows).join('\n'));
  const traps = [...allUnquotedTraps(config), ...rows.flatMap((row) => lostNameTraps(config, row))];
  for (const { text, fix } of traps) report.warning(`${text}; ${fix}`);
}

function printExport(config: Config, { host = [], withSecrets = false }: ListArgs, report: Log): void {
  const { text, warnings } = exportDoors(config, { hosts: host, withSecrets, home: ownHome() });
  process.stdout.write(text);
  const exposed = withSecrets ? exposedOutput() : undefined;
  for (const warning of [...warnings, ...(exposed === undefined ? [] : [exposed])]) report.warning(warning);
}

/** With `%h %p` alone the host would get another door than by its name, or none. */
function lostNameTraps(config: Config, { host, kind }: Row): Trap[] {
  const proxy = kind === 'pattern' ? undefined : settingsFor(config, host).get('proxy');
  if (proxy?.keyword !== 'proxycommand' || !/\bknockproxy\b/.test(proxy.raw) || proxy.raw.includes('%n'))
    return [];
  if (neededNames(config, host) === 'host') return [];
  const text = `ProxyCommand in ${describePlace(proxy)} passes no %n, and %h and %p do not identify the door of ${printable(host)}`;
  return [{ severity: 'warning', text, fix: PASS_NAMES }];
}

/** Hosts that a Host line names without wildcards, then the patterns that other hosts may match. */
function collect(config: Config): Row[] {
  const doors = doorLines(config).filter(isDoor);
  const patterns = doors.filter(({ names }) => names.some((name) => !isSpelledOut(name)));
  return [
    ...[...candidateHosts(config)].flatMap((host) => hostRow(config, host)),
    ...patterns.map(patternRow),
  ];
}

function namedRow(config: Config, host: string): Row[] {
  const row = hostRow(config, host);
  if (row.length === 0) throw usageError(`${printable(host)} has no door`);
  return row;
}

function hostRow(config: Config, alias: string): Row[] {
  const settings = settingsFor(config, alias);
  const found = settings.get('door');
  if (found === undefined) return [];
  const row = { host: alias, file: found.file, line: found.line };
  try {
    const { door, knockHost } = readSettings(settings);
    if (door === undefined) return [];
    const { host, port, user } = destinationOf(config, { alias });
    const place = { host, port, ...(knockHost !== undefined && { knockHost }) };
    const opened = lastOpened(place);
    const { source, where } = door;
    const left =
      source.kind === 'one-time' ? oneTimeLeft(source.path, { alias, host, port, user, where }) : undefined;
    if (left instanceof KnockproxyError) throw left;
    return [
      {
        ...row,
        kind: source.kind,
        ...(source.kind === 'sequence' && { steps: source.steps.length }),
        ...(left !== undefined && { left }),
        ...(opened && { lastOpened: opened }),
      },
    ];
  } catch (error) {
    return [{ ...row, problem: toKnockproxyError(error).message }];
  }
}

function patternRow({ names, file, line }: DoorLine): Row {
  return { host: names.join(' '), file, line, kind: 'pattern' };
}

function toJson({ host, file, line, kind, steps, left, lastOpened, problem }: Row) {
  return {
    host,
    file,
    line,
    kind: kind ?? null,
    steps: steps ?? null,
    oneTimeLeft: left ?? null,
    lastOpened: lastOpened?.toISOString() ?? null,
    ...(problem !== undefined && { problem }),
  };
}

function doorText({ kind, steps, left, problem }: Row): string {
  if (problem !== undefined) return 'wrong';
  if (steps !== undefined) return `${kind}, ${steps} steps`;
  return left === undefined ? `${kind}` : `${kind}, ${left} left`;
}

function table(rows: readonly Row[]): string[] {
  const cells = rows.map((row) => [
    printable(row.host),
    doorText(row),
    row.lastOpened === undefined ? '-' : row.lastOpened.toISOString().slice(0, 16).replace('T', ' '),
    row.problem ?? oneLine(`${row.file}:${row.line}`),
  ]);
  const all = [['HOST', 'DOOR', 'LAST OPENED (UTC)', 'WHERE'], ...cells];
  const widths = [0, 1, 2].map((column) => Math.max(...all.map((row) => row[column]!.length)));
  return all.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
