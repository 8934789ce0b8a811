import { type ConfigLine, configLines } from '../../check/line-reader.ts';
import { execTraps, RUNS_US, unquotedTraps } from '../../check/unquoted-trap.ts';
import { replaceValue } from '../../config-edit/config-lines.ts';
import { findRegions } from '../../config-edit/managed-blocks.ts';
import { readOwnCommand, writeOwnCommand } from '../../config-edit/own-command.ts';
import { showCommand } from '../../config-edit/show-changes.ts';
import type { Config } from '../../ssh-config/evaluate.ts';
import { fromBytes, toBytes } from '../../util/bytes.ts';
import { describePlace } from '../../util/errors.ts';
import { type EditableConfigs, loadPair } from './editable-configs.ts';
import { type Plan, passedAtLeast } from './plan-setup.ts';
import type { FileChange } from './replace-file.ts';

interface RepairPlan extends Plan {
  /** How many lines of knockproxy there are. */
  readonly found: number;
}

/**
 * Plans to rewrite each ProxyCommand of knockproxy, in ssh's config and the files that it includes, as `add` writes it
 * today. In a block of `add` that is the program and the tokens; elsewhere the tokens if they are unquoted, and the
 * program if it no longer exists. Other lines that run knockproxy become notes.
 *
 * @param program the words that run this knockproxy.
 */
export function planRepair(pair: EditableConfigs, program: readonly string[]): RepairPlan {
  const config = loadPair(pair);
  const found = ownLines(config);
  const notes: string[] = [];
  const changes = [...new Set(found.map(({ file }) => file))].flatMap((file): FileChange[] => {
    const read = config.system.read(toBytes(file));
    if (typeof read === 'string') return [];
    const lines = read.text.split('\n');
    const regions = findRegions(lines, file);
    for (const own of found.filter((other) => other.file === file)) {
      const at = own.line - 1;
      const region = regions.find(({ from, to }) => at >= from && at <= to);
      const value = repaired(own, { host: region && fromBytes(region.host), program, pair, config });
      if (value === undefined) notes.push(leftAlone(own));
      else lines[at] = replaceValue(lines[at]!, toBytes(value));
    }
    return [{ path: file, before: read.text, after: lines.join('\n'), isSecret: false }];
  });
  return {
    changes: changes.filter(({ before, after }) => before !== after),
    notes: [...notes, ...execTraps(config).map(({ text, fix }) => `${text}; ${fix}`)],
    found: found.length,
  };
}

/** Each line once, though its file may be included twice; the system's own file is not a person's. */
function ownLines(config: Config) {
  const system = new Set(config.filesRead.filter(({ kind }) => kind === 'system').map(({ path }) => path));
  const lines = configLines(config, config.ssh).filter(
    ({ keyword, raw, file }) => keyword === 'proxycommand' && RUNS_US.test(raw) && !system.has(file),
  );
  return [...new Map(lines.map((line) => [`${line.file}:${line.line}`, line])).values()];
}

type FoundLine = Pick<ConfigLine, 'raw' | 'file' | 'line'>;

interface Context {
  /** Whose block of `add` the line is in. */
  readonly host: string | undefined;
  readonly program: readonly string[];
  readonly pair: EditableConfigs;
  readonly config: Config;
}

/** The new value; undefined: knockproxy does not write such a line. */
function repaired(line: FoundLine, { host, program, pair, config }: Context): string | undefined {
  const own = readOwnCommand(line.raw);
  if (own === undefined) return undefined;
  const isGone = own.program.some((word) => /[/\\]/.test(word) && !config.system.exists(toBytes(word)));
  if (host === undefined && !isGone && unquotedTraps(line).length === 0) return line.raw;
  const isPortable = own.program[0] === 'knockproxy';
  const isReplaced = !isPortable && (host !== undefined || isGone);
  const passed =
    host === undefined ? own.passed : passedAtLeast(own.isQuoted ? own.passed : 'host', host, pair);
  return writeOwnCommand({ ...own, passed, program: isReplaced ? program : own.program });
}

function leftAlone(line: FoundLine): string {
  const [trap] = unquotedTraps(line);
  const what = `${describePlace(line)} runs knockproxy with a custom command line and is left unchanged: ProxyCommand ${showCommand(line.raw)}`;
  return trap === undefined ? what : `${what}; ${trap.fix}`;
}
