import type { Setting } from '../ssh-config/evaluate.ts';
import { configError } from '../util/errors.ts';
import { type Slot, spellingOf } from './keywords.ts';

/** Looks up the setting of a host that has taken a slot. */
export type GetSetting = (slot: Slot) => Setting | undefined;

/** `none` as the only word. */
export function isNone({ words }: Pick<Setting, 'words'>): boolean {
  return words.length === 1 && /^none$/i.test(words[0]!);
}

/** @throws KnockproxyError for a value that is not one word. */
export function readOneWord(setting: Setting): string {
  const [word] = setting.words;
  if (word !== undefined && word !== '' && setting.words.length === 1) return word;
  throw configError(
    setting,
    `${spellingOf(setting.keyword)} takes one value; put a value with blanks in double quotes`,
  );
}

/** @throws KnockproxyError for a value that is not a decimal number within the limits. */
export function readNumber(setting: Setting, min: number, max: number, unit: string): number {
  const [word = ''] = setting.words;
  const value = Number(word);
  if (setting.words.length === 1 && /^\d+(\.\d+)?$/.test(word) && value >= min && value <= max) return value;
  throw configError(setting, `${spellingOf(setting.keyword)} must be between ${min} and ${max} ${unit}`);
}
