import type * as SshConfigPackage from 'ssh-config';
import { unquotedTraps } from '../../check/unquoted-trap.ts';
import { neededNames } from '../../config/needed-names.ts';
import { splitSetting } from '../../config-edit/config-lines.ts';
import { textWithout, waysToAdd } from '../../config-edit/insert-block.ts';
import { type Passed, passedNames } from '../../config-edit/quote-word.ts';
import { readOneTimeSequences } from '../../knockd/knockd-sequence.ts';
import { KNOCKS_ON_SSH, knocksOnSsh, parseSequence } from '../../plan/sequence.ts';
import { toBytes } from '../../util/bytes.ts';
import { addedBefore, notesFor, noWay, refuseOtherDoor, refuseOtherValues } from './conflicts.ts';
import { type EditableConfigs, loadPair, settingsFor, withChanges } from './editable-configs.ts';
import { areInEffect, isSequence } from './lines-in-effect.ts';
import type { FileChange } from './replace-file.ts';

/** The lines to add for a host. Each is `Keyword value`, bytes as latin1. */
export interface SetUp {
  readonly host: string;
  /** For knock_config; empty: the existing door is kept. */
  readonly knockLines: readonly string[];
  /** For ssh's config; the first is ProxyCommand, which passes %h and %p. Empty: it is not changed. */
  readonly sshLines: readonly string[];
  /** Whether existing values and doors may be overridden. */
  readonly force: boolean;
  /** A file that the lines name. */
  readonly extra?: FileChange;
  /** What the user should know before agreeing. */
  readonly notes?: readonly string[];
}

export interface Plan {
  readonly changes: readonly FileChange[];
  /** Notes for the user, shown before the question. */
  readonly notes: readonly string[];
}

export function withNote(plan: Plan, note: string | undefined): Plan {
  return note === undefined ? plan : { ...plan, notes: [...plan.notes, note] };
}

/**
 * Plans the changes to both files that give a host its lines: no change if they are in effect already, otherwise the first
 * way to add them for which evaluating the files proves that ssh and knockproxy will use them.
 *
 * @throws KnockproxyError (exit status 2) if something would be overridden without --force, or no way works.
 */
export function planSetup(setUp: SetUp, pair: EditableConfigs, sshConfig: typeof SshConfigPackage): Plan {
  const knock = planFile('knock', setUp, pair);
  const withKnock = { ...pair, knock: { ...pair.knock, text: knock } };
  const config = planConfig(setUp, withKnock, sshConfig);
  const { path, text } = pair.config;
  const base = text === undefined ? undefined : textWithout(text, path, toBytes(setUp.host));
  const changes = [
    ...(setUp.extra ? [setUp.extra] : []),
    change(pair.knock, knock, true),
    change(pair.config, config, false),
  ];
  return {
    changes: changes.filter(({ before, after }) => before !== after),
    notes: [
      ...(setUp.notes ?? []),
      ...(config === text ? [] : notesFor(setUp.host, { ...pair, config: { path, text: base } })),
      ...sshNotes(setUp, { ...withKnock, config: { path, text: config } }),
    ],
  };
}

/** Plans several hosts in turn, as one change to each file. @throws KnockproxyError as planSetup */
export function planAll(
  requests: readonly ((pair: EditableConfigs) => SetUp)[],
  pair: EditableConfigs,
  sshConfig: typeof SshConfigPackage,
): Plan {
  let now = pair;
  const plans = requests.map((request) => {
    const plan = planSetup(request(now), now, sshConfig);
    now = withChanges(now, plan.changes);
    return plan;
  });
  const extras = plans.flatMap(({ changes }) =>
    changes.filter(({ path }) => path !== pair.knock.path && path !== pair.config.path),
  );
  const changes = [
    ...extras,
    change(pair.knock, now.knock.text, true),
    change(pair.config, now.config.text, false),
  ];
  return {
    changes: changes.filter(({ before, after }) => before !== after),
    notes: [...new Set(plans.flatMap(({ notes }) => notes))],
  };
}

function sshNotes({ host, knockLines, extra }: SetUp, after: EditableConfigs): string[] {
  const sequences = knockLines
    .map(splitSetting)
    .filter(([keyword]) => isSequence(keyword))
    .map(([, value]) => parseSequence(value));
  const oneTime = extra?.after === undefined ? [] : readOneTimeSequences(extra.after);
  const port = Number(settingsFor(loadPair(after), host).get('port')?.raw ?? 22);
  return knocksOnSsh([...sequences, ...oneTime].flat(), port)
    ? [`${KNOCKS_ON_SSH.text}; ${KNOCKS_ON_SSH.fix}`]
    : [];
}

/** ProxyCommand passes only the names that are needed; an existing one that passes more is kept. */
function planConfig(
  setUp: SetUp,
  pair: EditableConfigs,
  sshConfig: typeof SshConfigPackage,
): string | undefined {
  const { host, sshLines } = setUp;
  const ways = PASSED.map((passed) => ({ ...setUp, sshLines: passing(passed, sshLines) }));
  const plan = (way: SetUp) => planFile('config', way, pair, sshConfig);
  const shortest = isSetUp(ways, pair) ? pair.config.text : plan(ways[0]!);
  const enough = ways.slice(needed(host, { ...pair, config: { ...pair.config, text: shortest } }));
  return isSetUp(enough, pair) ? pair.config.text : plan(enough[0]!);
}

const PASSED: readonly Passed[] = ['host', 'alias', 'user'];

/** The lines, with more tokens in the ProxyCommand than %h and %p. */
function passing(passed: Passed, lines: readonly string[]): string[] {
  const [proxy, ...rest] = lines;
  return proxy === undefined ? [] : [proxy.replace(passedNames('host'), () => passedNames(passed)), ...rest];
}

function isSetUp(ways: readonly SetUp[], pair: EditableConfigs): boolean {
  return ways.some(({ host, sshLines }) => areInEffect(sshLines, host, pair));
}

/** What ProxyCommand has to pass for a host, and what it passes already. */
export function passedAtLeast(passed: Passed, host: string, pair: EditableConfigs): Passed {
  return PASSED[Math.max(PASSED.indexOf(passed), needed(host, pair))]!;
}

/** The index in PASSED of the names that are sufficient whether or not `Match exec` matches. */
function needed(host: string, pair: EditableConfigs): number {
  const names = [false, true].map((execHolds) => neededNames(loadPair(pair, execHolds), host));
  return Math.max(...names.map((passed) => PASSED.indexOf(passed)));
}

function change(
  { path, text }: EditableConfigs['config'],
  after: string | undefined,
  isSecret: boolean,
): FileChange {
  return { path, before: text, after, isSecret };
}

function planFile(
  which: 'knock' | 'config',
  setUp: SetUp,
  pair: EditableConfigs,
  sshConfig?: typeof SshConfigPackage,
): string | undefined {
  const { host, force } = setUp;
  const file = pair[which];
  const lines = which === 'knock' ? setUp.knockLines : setUp.sshLines;
  const withText = (text: string | undefined) => ({ ...pair, [which]: { ...file, text } });
  if (areInEffect(lines, host, pair)) return file.text;
  const name = toBytes(host);
  const base = file.text === undefined ? undefined : textWithout(file.text, file.path, name);
  const isAddedBefore = base !== file.text && !(which === 'config' && leavesTokens(lines, host, pair));
  if (!force && isAddedBefore) throw addedBefore(host, file.path);
  if (!force && which === 'knock') refuseOtherDoor(host, pair);
  if (!force && which === 'config') refuseOtherValues(host, lines, pair);
  const isNeeded = (line: string) => !areInEffect([line], host, withText(base));
  const needed = which === 'knock' ? lines : lines.filter((line, at) => at === 0 || isNeeded(line));
  const ways = waysToAdd(base, file.path, name, needed, sshConfig);
  const way = ways.find((text) => areInEffect(lines, host, withText(text)));
  if (way === undefined) throw noWay(host, pair, lines);
  return way;
}

/** Whether only a ProxyCommand of knockproxy with unquoted tokens needs to be replaced. */
function leavesTokens([, ...lines]: readonly string[], host: string, pair: EditableConfigs): boolean {
  const proxy = settingsFor(loadPair(pair), host).get('proxy');
  const isOld = proxy?.keyword === 'proxycommand' && /\bknockproxy\b/.test(proxy.raw);
  return isOld && unquotedTraps(proxy).length > 0 && areInEffect(lines, host, pair);
}
