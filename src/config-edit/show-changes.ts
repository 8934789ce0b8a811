import { diffLines } from './diff.ts';

/** Keywords of ours whose values anybody may see. */
const OPEN = /^[ \t]*(Knock(Delay|Timeout|SequenceTimeout|Host)|Host)\b/i;
/** Keywords of ssh's that knockproxy writes or puts aside, and that hold no secret. */
const OPEN_TO_SSH = /^[ \t]*(HostName|Port|User|ProxyUseFdpass|ProxyJump)\b/i;
const MARKS = /^[ \t]*(# (>>>|<<<) knockproxy |# Made by knockproxy|\r?$)/;
const KEPT = /^[ \t]*# kept by knockproxy for \S+: /;

/**
 * What changes in a file, as lines `-N: old` and `+N: new`. Values are shown of marks, Host lines and what else
 * certainly holds no sequence; a sequence may stand in any other line, a comment or a ProxyCommand included.
 *
 * @param isSecret the file is not ssh's own: of ssh's keywords only Host is expected there.
 */
export function showChanges(before: string, after: string, isSecret: boolean): string[] {
  const show = isSecret ? showSecret : showLine;
  return diffLines(splitLines(before), splitLines(after)).map(
    ({ sign, line, at }) => `${sign}${at + 1}: ${show(line).replace(/\r$/, '')}`,
  );
}

/**
 * A ProxyCommand as it may be shown: whole when it is knockproxy's and holds no number on its own, else its program,
 * because knock(1) and its like have the sequence among their arguments.
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
