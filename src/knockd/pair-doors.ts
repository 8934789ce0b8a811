import { undoes } from './antonyms.ts';
import { type RuleChange, ruleChange } from './firewall/rule-change.ts';
import type { KnockdDoor } from './knockd-options.ts';
import { obstacles } from './obstacles.ts';
import { hiddenBy, sameSequence } from './reachable.ts';

/** A door a client can be set up for, with the section that closes it. */
export interface DoorPair {
  readonly open: KnockdDoor;
  /** Left out where it cannot be knocked: see `notes`. */
  readonly close?: KnockdDoor;
  /** TCP ports its command opens, as far as it says so; none: not said, or not clear. */
  readonly ports: readonly number[];
  /** Why knockproxy cannot open it, a line each without a port of a sequence; empty when it can. */
  readonly problems: readonly string[];
  /** What else there is to know, a line each. */
  readonly notes: readonly string[];
}

/**
 * Finds in a server's sections the doors, and to each the section that closes it: first the one whose command takes
 * back the open command's rule, else one with a command or a name of the opposite meaning (`fw on`, `fw off`;
 * `openSSH`, `closeSSH`), else the only one left over. A section closes when its command takes something back or, for
 * an unreadable command, when a name says so. Sections without a command open nothing and are left out.
 */
export function pairDoors(doors: readonly KnockdDoor[]): { pairs: DoorPair[]; unpaired: KnockdDoor[] } {
  const sections = doors.filter(isOfUse).map((door) => ({ door, change: changeOf(door) }));
  const closers = sections.filter((section) => isCloser(section, sections));
  const openers = sections.filter((section) => !closers.includes(section));
  const found = openers.map((open) => ({ open, close: findCloser(open, closers, openers.length)?.door }));
  const used = new Set(found.map(({ close }) => close));
  return {
    pairs: found.map(({ open, close }) => describePair(open, close, doors)),
    unpaired: closers.map(({ door }) => door).filter((door) => !used.has(door)),
  };
}

export const SSH_PORT = 22;

/** The port that ssh is to try: the only one that the door opens, or ssh's own; undefined where nobody says. */
export function sshPortOf({ ports }: DoorPair): number | undefined {
  if (ports.includes(SSH_PORT)) return SSH_PORT;
  return ports.length === 1 ? ports[0] : undefined;
}

function isOfUse({ startCommand, startCommand6, foreign }: KnockdDoor): boolean {
  return Boolean(startCommand || startCommand6) || foreign.length > 0;
}

interface Section {
  readonly door: KnockdDoor;
  readonly change: RuleChange | undefined;
}

function changeOf({ startCommand = '', startCommand6 = '' }: KnockdDoor): RuleChange | undefined {
  return ruleChange(startCommand) ?? ruleChange(startCommand6);
}

/** By its name only when the command says nothing. `opencloseSSH`, of knockd's manual, opens. */
function isCloser(section: Section, sections: readonly Section[]): boolean {
  const { door, change } = section;
  if (change !== undefined) return change.effect === 'closes';
  if (/^(close|shut|lock)|[-_. ](close|shut|lock)$/i.test(door.name)) return true;
  return sections.some((other) => other.change?.effect !== 'closes' && isOpposite(section, other));
}

/** Whether a section's command or name says the opposite of the other's. */
function isOpposite({ door }: Section, { door: open }: Section): boolean {
  return undoes(commandOf(door), commandOf(open)) || undoes(door.name, open.name);
}

function commandOf({ startCommand, startCommand6 }: KnockdDoor): string {
  return startCommand ?? startCommand6 ?? '';
}

function findCloser(open: Section, closers: readonly Section[], openers: number): Section | undefined {
  const rules = new Set(open.change?.rules);
  return (
    closers.find(({ change }) => change?.rules.some((rule) => rules.has(rule))) ??
    closers.find((close) => isOpposite(close, open)) ??
    closers.find(({ door }) => stem(door) === stem(open.door)) ??
    (openers === 1 && closers.length === 1 ? closers[0] : undefined)
  );
}

function stem({ name }: KnockdDoor): string {
  return name
    .toLowerCase()
    .replace(/^(open|close|shut|unlock|lock)|(open|close|shut|unlock|lock)$/g, '')
    .replace(/[-_. ]/g, '');
}

function describePair(
  { door, change }: Section,
  close: KnockdDoor | undefined,
  doors: readonly KnockdDoor[],
): DoorPair {
  const same = sameSequence(door, doors);
  const own = [
    ...obstacles(door),
    ...hidden(door, doors),
    ...(close && same.includes(close) ? [sharedWith(close)] : []),
  ];
  const closing = close ? [...obstacles(close), ...hidden(close, doors)] : [];
  const others = same.filter((other) => other !== close && isOfUse(other));
  return {
    open: door,
    ...(close && closing.length === 0 && { close }),
    ports: change?.ports ?? [],
    problems: own.map((reason) => `door ${door.name}: ${reason}`),
    notes: [
      ...closing.map((reason) => `door ${close!.name}, which closes it, is not knocked: ${reason}`),
      ...others.map(({ name }) => `the same knocks run the command of ${name} too`),
    ],
  };
}

function sharedWith({ name }: KnockdDoor): string {
  return `${name} has the same sequence, so knockd closes it as it opens`;
}

function hidden(door: KnockdDoor, doors: readonly KnockdDoor[]): string[] {
  const head = hiddenBy(door, doors);
  if (head === undefined) return [];
  return [`knockd 0.8 never completes it: ${head.name}, earlier in the file, begins with the same step`];
}
