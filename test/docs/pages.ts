import { readFileSync } from 'node:fs';

/** A block of code, without its indentation. */
export interface Block {
  /** Of its first line. */
  readonly line: number;
  readonly text: string;
}

export const README = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

/** Fenced and indented blocks of Markdown, in their order. */
export function codeBlocks(markdown: string): Block[] {
  const blocks: Block[] = [];
  let fenced = false;
  let open: string[] | undefined;
  for (const [index, line] of [...markdown.split('\n'), ''].entries()) {
    const isFence = line.startsWith('```');
    if (isFence) fenced = !fenced;
    const isCode = !isFence && (fenced || line.startsWith('    '));
    if (isCode && open === undefined) {
      open = [];
      blocks.push({ line: index + 1, text: '' });
    }
    if (isCode) open!.push(fenced ? line : line.slice(4));
    else if (open !== undefined) {
      blocks.push({ ...blocks.pop()!, text: open.join('\n') });
      open = undefined;
    }
  }
  return blocks;
}

/** The words in the first column of its tables, between backquotes. */
export function firstColumn(markdown: string): string[] {
  return [...markdown.matchAll(/^\| *`([^`]+)` *\|/gm)].map(([, word]) => word!);
}

/** Two files side by side, each under its name, as two blocks. */
export function columns({ line, text }: Block): Block[] {
  const at = text.indexOf('# ~/.ssh/', 1);
  if (at < 0 || at > text.indexOf('\n')) return [{ line, text }];
  const lines = text.split('\n');
  return [lines.map((each) => each.slice(0, at)), lines.map((each) => each.slice(at))].map((part) => ({
    line,
    text: part.map((each) => each.trimEnd()).join('\n'),
  }));
}
