import { findHosts } from '../config/door-hosts.ts';
import type { Command } from '../shared/command.ts';
import { type Candidate, complete } from './complete.ts';

/** The first argument of a completion script's question; the shell and the words of the line follow. */
export const COMPLETE = '--complete';

/** A line that no candidate can be: the shell is to complete the name of a file. */
const FILES = '/';

/**
 * Answers a completion script: a line for each word that may stand at the end of the line, or `/` for file names. An
 * error has no place on the line that is being typed: there is no answer then.
 */
export function answerShell([shell = '', ...words]: readonly string[], commands: readonly Command[]): void {
  const typed = shell === 'bash' ? joinBroken(words) : words;
  try {
    const offer = complete(typed, { commands, findHosts });
    const lines =
      offer === 'files' ? [FILES] : offer.map((candidate) => format(shell, candidate, typed, words));
    process.stdout.write(lines.map((line) => `${line}\n`).join(''));
  } catch {
    process.exitCode = 1;
  }
}

/** bash makes words of `:` and `=`. */
function joinBroken(words: readonly string[]): string[] {
  const joined: string[] = [];
  for (const word of words) {
    const isPart = /^[:=]+$/.test(word) || /[:=]$/.test(joined.at(-1) ?? '');
    if (isPart && joined.length > 0) joined[joined.length - 1] += word;
    else joined.push(word);
  }
  return joined;
}

function format(
  shell: string,
  { word, help }: Candidate,
  typed: readonly string[],
  words: readonly string[],
): string {
  if (shell === 'zsh') return [word.replaceAll(':', '\\:'), ...(help === undefined ? [] : [help])].join(':');
  if (shell === 'fish') return help === undefined ? word : `${word}\t${help}`;
  const last = words.at(-1) ?? '';
  const kept = /^[:=]+$/.test(last) ? 0 : last.length;
  return word.slice((typed.at(-1) ?? '').length - kept);
}
