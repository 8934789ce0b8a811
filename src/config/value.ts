import { configError } from '../util/errors.ts';

/** One value found in a configuration file, split into words as ssh splits them. */
export interface Setting {
  /** The keyword in lower case. */
  readonly keyword: string;
  readonly words: readonly string[];
  readonly file: string;
  readonly line: number;
}

/** @throws KnockproxyError for a value that is not one word. */
export function oneWord(setting: Setting): string {
  const [word] = setting.words;
  if (word !== undefined && word !== '' && setting.words.length === 1) return word;
  throw configError(setting, `${setting.keyword} wants one value; put one with blanks into double quotes`);
}
