import { usageError } from '../../util/errors.ts';

/** The options of another program that are understood, by letter, with their long names. */
export interface ShortOptions {
  readonly values: Readonly<Record<string, string>>;
  readonly flags: Readonly<Record<string, string>>;
}

/**
 * Splits a command line as getopt_long(3) does.
 *
 * @param instead what to do with any other option.
 * @throws KnockproxyError (exit status 2) for an option that is not understood. It quotes letters only.
 */
export function splitOptions(
  program: string,
  words: readonly string[],
  known: ShortOptions,
  instead?: string,
): { options: ReadonlyMap<string, string>; operands: readonly string[] } {
  const options = new Map<string, string>();
  const operands: string[] = [];
  const left = [...words];
  for (let word = left.shift(); word !== undefined; word = left.shift()) {
    if (word === '--') operands.push(...left.splice(0));
    else if (!/^-./.test(word)) operands.push(word);
    else {
      for (const { letter, value } of lettersOf(word, known)) {
        if (!(letter in known.values) && !(letter in known.flags)) throw unknown(program, letter, instead);
        options.set(letter, letter in known.flags ? '' : (value ?? left.shift() ?? ''));
      }
    }
  }
  return { options, operands };
}

interface Letter {
  readonly letter: string;
  /** What follows it in the same word. */
  readonly value?: string;
}

function lettersOf(word: string, { values, flags }: ShortOptions): Letter[] {
  const [, long, value] = /^--([^=]*)(?:=(.*))?$/.exec(word) ?? [];
  if (long !== undefined) {
    const [letter = long] = [values, flags].flatMap((table) =>
      Object.keys(table).filter((key) => table[key] === long),
    );
    return [{ letter, ...(value !== undefined && { value }) }];
  }
  const found: Letter[] = [];
  for (let at = 1; at < word.length; at++) {
    const letter = word[at]!;
    const rest = word.slice(at + 1);
    if (letter in values) return [...found, { letter, ...(rest !== '' && { value: rest }) }];
    found.push({ letter });
  }
  return found;
}

function unknown(program: string, letter: string, instead: string | undefined) {
  const option = /^[a-z][a-z-]*$/i.test(letter) ? `-${letter.length > 1 ? '-' : ''}${letter}` : 'an option';
  return usageError(
    `${option} of the ${program} command is not supported`,
    ...(instead === undefined ? [] : [instead]),
  );
}
