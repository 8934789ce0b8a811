import { diffLines } from './diff.ts';

/** Knock keywords whose values are not secret. */
const OPEN = /^[ \t]*(Knock(Delay|Timeout|SequenceTimeout|Host)|Host)\b/i;
/** Keywords of ssh that knockproxy writes or disables and that contain no secret. */
const OPEN_TO_SSH = /^[ \t]*(HostName|Port|User|ProxyUseFdpass|ProxyJump)\b/i;
const MARKS = /^[ \t]*(# (>>>|<<<) knockproxy |# Made by knockproxy|\r?$)/;
const KEPT = /^[ \t]*# kept by knockproxy for \S+: /;

/**
 * The changes in a file as lines `-N: old` and `+N: new`. Shows the values only of marks, Host lines and others that
 * cannot contain a sequence; any other line, even a comment or a ProxyCommand, may contain one.
 *
 * @param isSecret whether the file is knock_config, where only Host is expected of ssh's keywords.
 */
export function showChanges(before: string, after: string, isSecret: boolean): string[] {
  const show = isSecret ? showSecret : showLine;
  return diffLines(splitLines(before), splitLines(after)).map(
    ({ sign, line, at }) => `${sign}${at + 1}: ${show(line).replace(/\r$/, '')}`,
  );
}

/**
 * Redacts a ProxyCommand: shown in full if it runs knockproxy without a number as a word of its own, else only the program,
 * because programs such as knock(1) have the sequence in their arguments.
 */
export function showCommand(command: string): string {
  const isOurs = /(^|[\s/\\'"])knockproxy(\.cjs|\.cmd|\.exe)?(?=['"]?(\s|$))/.test(command);
  if (isOurs && !/(^|[\s'",;:=&|(])\d+(?=$|[\s'",;:&|)])/.test(command)) return command;
  const [program = ''] = command.split(/[\s=;&|]/, 1);
  return /\d/.test(program.replace(/^.*\//, '')) ? HIDDEN : `${program} ${HIDDEN}`;
}

const HIDDEN = '(not shown)';

function splitLines(text: string): string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n');
}

function showLine(line: string): string {
  const [mark = ''] = KEPT.exec(line) ?? [];
  const setting = line.slice(mark.length);
  if (OPEN_TO_SSH.test(setting)) return line;
  const [keyword] = /^[ \t]*ProxyCommand[ \t=]+/i.exec(setting) ?? [];
  if (keyword !== undefined) return mark + keyword + showCommand(setting.slice(keyword.length));
  return mark === '' ? showSecret(line) : `${mark}${HIDDEN}`;
}

function showSecret(line: string): string {
  if (OPEN.test(line) || MARKS.test(line)) return line;
  const keyword = /^[ \t]*(#|[a-z]+(?=[ \t=]|$))/i.exec(line)?.[0] ?? '';
  return `${keyword} ${HIDDEN}`;
}
