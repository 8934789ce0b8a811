import { MAX_STEPS } from '../plan/sequence.ts';
import { type RuleChange, ruleChange } from './firewall-rule.ts';
import type { KnockdDoor } from './knockd-options.ts';

/** A door a client can be set up for, with the section that closes it. */
export interface DoorPair {
  readonly open: KnockdDoor;
  readonly close?: KnockdDoor;
  /** Ports its command opens, as far as it names them. */
  readonly ports: readonly number[];
  /** Why knockproxy cannot open it, a line each without a port of a sequence; empty when it can. */
  readonly problems: readonly string[];
}

/**
 * Finds in a server's sections the doors, and to each the section that closes it: first the one whose command takes
 * back the open command's rule, else the one called alike (`openSSH`, `closeSSH`), else the only one left over. A
 * section closes when its command takes something back or, for an unreadable command, when its name says so.
 * Sections without a command open nothing and are left out.
 */
export function pairDoors(doors: readonly KnockdDoor[]): { pairs: DoorPair[]; unpaired: KnockdDoor[] } {
  const sections = doors.filter(runsCommand).map((door) => ({ door, change: changeOf(door) }));
  const closers = sections.filter(isCloser);
  const openers = sections.filter((section) => !isCloser(section));
  const pairs = openers.map((open) => {
    const close = findCloser(open, closers, openers.length);
    return {
      open: open.door,
      ...(close && { close: close.door }),
      ports: open.change?.ports ?? [],
      problems: [...problems(open.door), ...(close ? problems(close.door) : [])],
    };
  });
  const used = new Set(pairs.map(({ close }) => close));
  return { pairs, unpaired: closers.map(({ door }) => door).filter((door) => !used.has(door)) };
}

function runsCommand({ startCommand, startCommand6 }: KnockdDoor): boolean {
  return Boolean(startCommand || startCommand6);
}

interface Section {
  readonly door: KnockdDoor;
  readonly change: RuleChange | undefined;
}

function changeOf({ startCommand, startCommand6 }: KnockdDoor): RuleChange | undefined {
  return ruleChange(startCommand ?? startCommand6 ?? '');
}

/** By its name only when the command says nothing. `opencloseSSH`, of knockd's manual, opens. */
function isCloser({ door, change }: Section): boolean {
  if (change !== undefined) return change.effect === 'closes';
  return /^(close|shut|lock)|[-_. ](close|shut|lock)$/i.test(door.name);
}

function findCloser(open: Section, closers: readonly Section[], openers: number): Section | undefined {
  const rule = open.change?.rule;
  return (
    closers.find(({ change }) => change !== undefined && change.rule === rule) ??
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

function problems(door: KnockdDoor): string[] {
  const { name, steps, oneTimeFile, seqTimeoutS, tcpFlags, target } = door;
  const wantsMore = [...tcpFlags].some(([flag, set]) => (flag === 'SYN' ? !set : set));
  const found: [boolean, string][] = [
    [steps.some(({ port }) => port === 0), 'a step is port 0, which cannot be knocked on'],
    [steps.length > MAX_STEPS, `it has more than ${MAX_STEPS} steps`],
    [steps.length > 0 && oneTimeFile !== undefined, 'it has both a sequence and a one-time file'],
    [seqTimeoutS < 1, 'its time for a sequence is none at all'],
    [wantsMore && steps.some(({ protocol }) => protocol === 'tcp'), 'its tcpflags are not those of a SYN'],
    [target !== undefined, 'it expects the knocks at another address (target)'],
  ];
  return found.filter(([applies]) => applies).map(([, reason]) => `door ${name}: ${reason}`);
}
