import { isNone } from '../../config/read-values.ts';
import { splitSetting } from '../../config-edit/config-lines.ts';
import { formatSequence } from '../../plan/format-sequence.ts';
import { parseSequence } from '../../plan/sequence.ts';
import type { Setting } from '../../ssh-config/evaluate.ts';
import { splitArguments } from '../../ssh-config/tokens.ts';
import { fromBytes } from '../../util/bytes.ts';
import { type EditableConfigs, loadPair, settingsFor } from './editable-configs.ts';

/** Whether the host gets exactly these lines, whether or not `Match exec` matches. */
export function areInEffect(lines: readonly string[], host: string, pair: EditableConfigs): boolean {
  return [false, true].every((execHolds) => {
    const settings = [...settingsFor(loadPair(pair, execHolds), host).values()];
    return lines.every((line) => {
      const [keyword, value] = splitSetting(line);
      const found = settings.find((setting) => setting.keyword === keyword);
      return found !== undefined && valueIn(found) === wanted(keyword, fromBytes(value));
    });
  });
}

function valueIn({ keyword, words, raw }: Setting): string {
  return keyword === 'proxycommand' ? raw : normal(keyword, words.join(' '));
}

function wanted(keyword: string, value: string): string {
  return keyword === 'proxycommand' ? value : normal(keyword, (splitArguments(value) ?? [value]).join(' '));
}

/** Normalizes the spelling of a sequence. */
function normal(keyword: string, value: string): string {
  if (!isSequence(keyword) || isNone({ words: [value] })) return value;
  return formatSequence(parseSequence(value));
}

export function isSequence(keyword: string): boolean {
  return keyword === 'knocksequence' || keyword === 'knockclosesequence';
}
