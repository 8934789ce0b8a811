import { lowerAscii } from '../util/bytes.ts';
import { delimited, splitArguments } from './tokens.ts';
import type { ConfigSystem } from './types.ts';
import { isModern } from './version.ts';

/** One condition of a Match line. */
export interface Criterion {
  /** In lower case. */
  readonly name: string;
  readonly negated: boolean;
  /** Empty for all, final and canonical. */
  readonly argument: string;
}

/** A condition that never holds, for a line that ssh would refuse. */
export const NEVER: readonly Criterion[] = [{ name: 'never', negated: false, argument: '' }];

const WITHOUT_ARGUMENT = new Set(['final', 'canonical']);
const WITH_ARGUMENT = new Set([
  'host',
  'originalhost',
  'user',
  'localuser',
  'exec',
  'tagged',
  'localnetwork',
  'version',
  'command',
  'sessiontype',
]);
/** 10.0 accepts `tagged ""` and `command ""`. */
const MAY_BE_EMPTY = new Set(['tagged', 'command']);
const WITH_EQUALS = /^!?(host|originalhost|user|localuser|localnetwork|version|tagged|command|exec)=/i;

/**
 * The conditions of a Match line (readconf.c, match_cfg_line). ssh 9.9 changed how the line is split; where the results
 * differ and both are valid, the version of ssh decides.
 *
 * @param system undefined for knock_config, which is always split the new way.
 */
export function parseMatch(value: string, system?: ConfigSystem): readonly Criterion[] {
  const modern = collect(modernWords(value));
  if (system === undefined || !/["'\\=#]/.test(value)) return modern ?? NEVER;
  const older = collect(olderWords(value));
  if (!modern || !older || isSame(modern, older)) return modern ?? older ?? NEVER;
  return isModern(system) ? modern : older;
}

/** Reads the words of a line as ssh does; undefined at the end. */
interface Words {
  criterion(): string | undefined;
  argument(): string | undefined;
  /** Whether words are left, which ssh reports as extra arguments. */
  hasMore(): boolean;
}

function modernWords(value: string): Words | undefined {
  const words = splitArguments(value);
  if (!words) return undefined;
  let at = 0;
  let pending: string | undefined;
  return {
    criterion() {
      const word = words[at++];
      // 9.9p2 takes `user=bob` for `user bob`.
      const equalsAt = word !== undefined && WITH_EQUALS.test(word) ? word.indexOf('=') : -1;
      if (equalsAt < 0) return word;
      pending = word!.slice(equalsAt + 1);
      return word!.slice(0, equalsAt);
    },
    argument() {
      const word = pending ?? words[at++];
      pending = undefined;
      return word;
    },
    hasMore: () => at < words.length,
  };
}

/** strdelim, which only supports double quotes and treats `=` as a blank; an empty word ends the line. */
function olderWords(value: string): Words | undefined {
  // ssh has checked the line for unclosed quotes with argv_split before.
  if (!splitArguments(value)) return undefined;
  let at = 0;
  const next = () => {
    const token = delimited(value, at);
    at = token?.next ?? -1;
    return token?.token;
  };
  return {
    criterion: () => next() || undefined,
    argument: next,
    hasMore: () => at >= 0 && at < value.length,
  };
}

/** @returns undefined for a line ssh refuses. */
function collect(words: Words | undefined): Criterion[] | undefined {
  if (!words) return undefined;
  const criteria: Criterion[] = [];
  for (let word = words.criterion(); word !== undefined; word = words.criterion()) {
    if (word.startsWith('#')) return criteria.length > 0 ? criteria : undefined;
    const negated = word.startsWith('!');
    const name = lowerAscii(negated ? word.slice(1) : word);
    if (name === 'all')
      return isLast(words, criteria) ? [...criteria, { name, negated, argument: '' }] : undefined;
    if (WITHOUT_ARGUMENT.has(name)) {
      criteria.push({ name, negated, argument: '' });
      continue;
    }
    const argument = words.argument();
    if (!WITH_ARGUMENT.has(name) || argument === undefined || argument.startsWith('#')) return undefined;
    if (argument === '' && !MAY_BE_EMPTY.has(name)) return undefined;
    criteria.push({ name, negated, argument });
  }
  return words.hasMore() || criteria.length === 0 ? undefined : criteria;
}

/** `all` is only allowed alone or after one criterion, followed by nothing but a comment. */
function isLast(words: Words, before: readonly Criterion[]): boolean {
  const after = words.argument();
  return before.length <= 1 && (!after || after.startsWith('#'));
}

function isSame(a: readonly Criterion[], b: readonly Criterion[]): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
