import { comparable, opposites } from './antonyms.ts';
import type { RuleChange } from './firewall/rule-change.ts';
import type { KnockdDoor } from './knockd-options.ts';

/** A section that does something, and what its command does. */
export interface Section {
  readonly door: KnockdDoor;
  /** undefined: not a firewall's. */
  readonly change: RuleChange | undefined;
}

/** Whether the name alone says that a section closes. `opencloseSSH`, of knockd's manual, opens. */
export function isCloserByName({ door: { name } }: Section): boolean {
  return /^(close|shut|lock)|[-_. ](close|shut|lock)$/i.test(name);
}

/** Sections by what may pair them with others; of several the first in the file. */
export class SectionIndex {
  readonly #byText = new Map<string, Section>();
  readonly #byOpposite = new Map<string, Section>();
  readonly #byRule = new Map<string, Section>();
  readonly #byStem = new Map<string, Section>();

  constructor(sections: readonly Section[]) {
    for (const section of sections) {
      const texts = textsOf(section);
      for (const text of texts) add(this.#byText, comparable(text), section);
      for (const text of texts.flatMap(opposites)) add(this.#byOpposite, text, section);
      for (const rule of section.change?.rules ?? []) add(this.#byRule, rule, section);
      add(this.#byStem, stem(section.door), section);
    }
  }

  /** Whether one of these says the opposite of what closes. */
  hasOppositeOf(section: Section): boolean {
    return textsOf(section)
      .flatMap(opposites)
      .some((text) => this.#byText.has(text));
  }

  /** Which of these closes the door. */
  closerOf(open: Section): Section | undefined {
    const rule = open.change?.rules.find((each) => this.#byRule.has(each));
    if (rule !== undefined) return this.#byRule.get(rule);
    const text = textsOf(open)
      .map(comparable)
      .find((each) => this.#byOpposite.has(each));
    return text === undefined ? this.#byStem.get(stem(open.door)) : this.#byOpposite.get(text);
  }
}

function add(index: Map<string, Section>, key: string, section: Section): void {
  if (!index.has(key)) index.set(key, section);
}

/** Its command, and its name. The prefix keeps one from being taken for the other. */
function textsOf({ door: { name, startCommand, startCommand6 } }: Section): string[] {
  return [`$ ${startCommand ?? startCommand6 ?? ''}`, `[${name}`];
}

function stem({ name }: KnockdDoor): string {
  return name
    .toLowerCase()
    .replace(/^(open|close|shut|unlock|lock)|(open|close|shut|unlock|lock)$/g, '')
    .replace(/[-_. ]/g, '');
}
