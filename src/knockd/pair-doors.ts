import { type RuleChange, ruleChange } from './firewall/rule-change.ts';
import type { KnockdDoor } from './knockd-options.ts';
import { obstacles } from './obstacles.ts';
import { type Reachability, reachability } from './reachable.ts';
import { isCloserByName, type Section, SectionIndex } from './section-index.ts';

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
  const mayOpen = new SectionIndex(sections.filter(({ change }) => change?.effect !== 'closes'));
  const isCloser = (section: Section) =>
    section.change === undefined
      ? isCloserByName(section) || mayOpen.hasOppositeOf(section)
      : section.change.effect === 'closes';
  const [closers, openers] = [sections.filter(isCloser), sections.filter((section) => !isCloser(section))];
  const closing = new SectionIndex(closers);
  const only = openers.length === 1 && closers.length === 1 ? closers[0] : undefined;
  const found = openers.map((open) => ({ open, close: (closing.closerOf(open) ?? only)?.door }));
  const used = new Set(found.map(({ close }) => close));
  const reach = reachability(doors);
  return {
    pairs: found.map(({ open, close }) => describePair(open, close, reach)),
    unpaired: closers.map(({ door }) => door).filter((door) => !used.has(door)),
  };
}

function isOfUse({ startCommand, startCommand6, foreign }: KnockdDoor): boolean {
  return Boolean(startCommand || startCommand6) || foreign.length > 0;
}

function changeOf({ startCommand = '', startCommand6 = '' }: KnockdDoor): RuleChange | undefined {
  return ruleChange(startCommand) ?? ruleChange(startCommand6);
}

function describePair(
  { door, change }: Section,
  close: KnockdDoor | undefined,
  reach: Reachability<KnockdDoor>,
): DoorPair {
  const same = reach.sameSequence(door);
  const isShared = close !== undefined && same.includes(close);
  const own = [...obstacles(door), ...hidden(door, reach), ...(isShared ? [sharedWith(close)] : [])];
  const closing = close ? [...obstacles(close), ...hidden(close, reach)] : [];
  const others = same.filter((other) => other !== close && isOfUse(other));
  return {
    open: door,
    ...(close && closing.length === 0 && { close }),
    ports: change?.ports ?? [],
    problems: own.map((reason) => `door ${door.name}: ${reason}`),
    notes: [
      ...closing.map((reason) => `door ${close!.name}, which closes it, cannot be used: ${reason}`),
      ...others.map(({ name }) => `the same knocks run the command of ${name} too`),
    ],
  };
}

function sharedWith({ name }: KnockdDoor): string {
  return `${name} has the same sequence, so knockd closes it as it opens`;
}

function hidden(door: KnockdDoor, reach: Reachability<KnockdDoor>): string[] {
  const head = reach.hiddenBy(door);
  if (head === undefined) return [];
  return [`knockd 0.8 never completes it: ${head.name}, earlier in the file, begins with the same step`];
}
