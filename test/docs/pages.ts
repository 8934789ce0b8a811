import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The root of the repository, with a slash at the end. */
export const REPOSITORY: string = fileURLToPath(new URL('../../', import.meta.url));

/** A page for users: README.md or one of docs/. */
export interface Page {
  /** Its path in the repository. */
  readonly name: string;
  readonly text: string;
}

/** A block of code, without its indentation. */
export interface Block {
  readonly page: string;
  /** Of its first line. */
  readonly line: number;
  readonly text: string;
}

export const PAGES: readonly Page[] = [
  'README.md',
  ...readdirSync(`${REPOSITORY}docs`)
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
].map((name) => ({ name, text: readFileSync(REPOSITORY + name, 'utf8') }));

/** The sources of the man pages. */
export const MAN: readonly Page[] = ['knockproxy.1.in', 'knock_config.5.in'].map((name) => ({
  name: `docs/man/${name}`,
  text: readFileSync(`${REPOSITORY}docs/man/${name}`, 'utf8'),
}));

export const README: string = PAGES[0]!.text;

/** Fenced and indented blocks of Markdown, in their order. */
export function codeBlocks({ name: page, text: markdown }: Page): Block[] {
  const blocks: Block[] = [];
  let fenced = false;
  let open: string[] | undefined;
  let afterBlank = true;
  for (const [index, line] of [...markdown.split('\n'), ''].entries()) {
    const isFence = line.startsWith('```');
    if (isFence) fenced = !fenced;
    const isIndented = line.startsWith('    ') && (afterBlank || open !== undefined);
    const isCode = !isFence && (fenced || isIndented);
    afterBlank = line === '';
    if (isCode && open === undefined) {
      open = [];
      blocks.push({ page, line: index + 1, text: '' });
    }
    if (isCode) open!.push(fenced ? line : line.slice(4));
    else if (open !== undefined) {
      blocks.push({ ...blocks.pop()!, text: open.join('\n') });
      open = undefined;
    }
  }
  return blocks;
}

/** The literal blocks of a man page, as it shows them. */
export function literalBlocks({ name: page, text }: Page): Block[] {
  return [...text.matchAll(/^\.Bd -literal.*\n([\s\S]*?)^\.Ed$/gm)].map(({ index, 1: block }) => ({
    page,
    line: text.slice(0, index).split('\n').length + 1,
    text: withoutEscapes(block!).trimEnd(),
  }));
}

/** Text of a man page without roff's escapes. */
export function withoutEscapes(text: string): string {
  return text
    .replaceAll('\\(aq', "'")
    .replaceAll('\\(ti', '~')
    .replaceAll('\\-', '-')
    .replaceAll('\\&', '')
    .replaceAll('\\e', '\\');
}

/** Files one after the other, each under its name, as a block each. */
export function files(block: Block): Block[] {
  const parts = block.text.split(/^(?=# ~\/\.ssh\/)/m);
  return parts.map((text) => ({ ...block, text: text.trimEnd() }));
}

/** Two files side by side, each under its name, as two blocks. */
export function columns(block: Block): Block[] {
  const { text } = block;
  const at = text.indexOf('# ~/.ssh/', 1);
  if (at < 0 || at > text.indexOf('\n')) return [block];
  const lines = text.split('\n');
  return [lines.map((each) => each.slice(0, at)), lines.map((each) => each.slice(at))].map((part) => ({
    ...block,
    text: part.map((each) => each.trimEnd()).join('\n'),
  }));
}

/** Where its links lead that name a file of this repository: paths in it, with the heading's anchor if there is one. */
export function links({ name, text }: Page): string[] {
  const folder = new URL(name, 'file:///');
  const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target!);
  return targets
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => new URL(target, folder))
    .map(({ pathname, hash }) => pathname.slice(1) + hash);
}

/** The anchors of its headings, as forges make them. */
export function anchors(markdown: string): string[] {
  return [...markdown.matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
}
