import type * as SshConfigPackage from 'ssh-config';
import type { Comment, Directive, Line, Section } from 'ssh-config';
import { carriageReturn, isHeader, readLine } from './config-lines.ts';
import { isOnePattern } from './insertion-point.ts';
import { kept, marked } from './managed-blocks.ts';

/** The npm package ssh-config, loaded only to edit a file. */
export type Package = Pick<typeof SshConfigPackage, 'parse' | 'stringify'>;

/**
 * Adds lines at the beginning of the first block whose only pattern is the host. An existing ProxyCommand or ProxyJump
 * becomes a comment.
 *
 * @returns undefined if there is no such block, or the package does not preserve the file.
 */
export function mergeIntoBlock(
  text: string,
  host: string,
  lines: readonly string[],
  { parse, stringify }: Package,
): string | undefined {
  const config = parseFaithfully(text, { parse, stringify });
  const section = [...(config ?? [])].find(
    (line): line is Section => isSection(line) && isOnePattern(readLine(headerText(line)), host),
  );
  if (config === undefined || section === undefined) return undefined;
  const indent = blanksAtEnd(section.config[0]?.before ?? '') || '  ';
  for (const [at, line] of section.config.entries()) {
    if (isWay(line)) section.config[at] = keep(line, host, stringify);
  }
  const added = marked(
    host,
    lines.map((line) => indent + line),
    indent,
  );
  const end = `${carriageReturn(text.split('\n'))}\n`;
  section.config.unshift(...parse(added.join(end) + end));
  if (section.after === '') joinAtEnd(section, section.config, added.length, end);
  return stringify(config);
}

function blanksAtEnd(text: string): string {
  let at = text.length;
  while (at > 0 && ' \t'.includes(text[at - 1]!)) at--;
  return text.slice(at);
}

/** The parsed file if the package preserves it: it loses some blanks and quotes, and throws on valid lines. */
function parseFaithfully(text: string, { parse, stringify }: Package) {
  try {
    const config = parse(text);
    const headers = text.split('\n').filter((line) => isHeader(readLine(line))).length;
    return stringify(config) === text && [...config].filter(isSection).length === headers
      ? config
      : undefined;
  } catch {
    return undefined;
  }
}

function isSection(line: Line): line is Section {
  return 'config' in line;
}

function headerText({ param, value }: Section): string {
  return typeof value === 'string' ? `${param} ${value}` : '';
}

function isWay(line: Line): line is Directive {
  return 'param' in line && /^proxy(command|jump)$/i.test(line.param);
}

function keep(line: Directive, host: string, stringify: Package['stringify']): Comment {
  const bare = { ...line, before: '', after: '' };
  const text = stringify([bare] as unknown as Parameters<typeof stringify>[0]);
  return { type: 2 as Comment['type'], content: kept(host, text), before: line.before, after: line.after };
}

/** The file ended with the Host line, without a line feed, and must end without one. */
function joinAtEnd(section: Section, config: Line[], count: number, end: string): void {
  section.after = end;
  config[count - 1]!.after = '';
}
