import path from 'node:path';
import { isNone } from '../config/read-values.ts';
import type { Setting } from '../ssh-config/evaluate.ts';
import { describePlace } from '../util/errors.ts';
import type { Trap } from './findings.ts';

/** The I/O to check a ProxyCommand; tests pass their own. */
export interface Programs {
  /** PATH of this process. */
  readonly path: string;
  isExecutable(file: string): boolean;
  exists(file: string): boolean;
  /** The path with its symbolic links followed, where it exists. */
  real(file: string): string;
  /** The first line of a file, empty when it cannot be read. */
  firstLine(file: string): string;
}

/** The PATH of cron, graphical editors and systemd units. */
const PLAIN_PATH = '/usr/bin:/bin';

const OURS = /^knockproxy(\.cjs|\.cmd|\.exe)?$/;
const NODE = /^node(js)?(\.exe)?$/;
const ADD_WRITES_IT = "'knockproxy add HOST' writes a ProxyCommand with absolute paths";

/**
 * Whether ssh runs knockproxy for the host.
 *
 * @param proxy the effective ProxyCommand or ProxyJump.
 * @param shadowed the other of the two, which is read later.
 */
export function proxyTraps(
  proxy: Setting | undefined,
  shadowed: Setting | undefined,
  programs: Programs,
): Trap[] {
  if (proxy === undefined || isNone(proxy))
    return [error('ssh runs no ProxyCommand for this host', ADD_WRITES_IT)];
  const where = describePlace(proxy);
  if (proxy.keyword === 'proxyjump') {
    const rival = shadowed && ` before ProxyCommand in ${describePlace(shadowed)}`;
    return [
      error(
        `ssh uses ProxyJump in ${where}${rival ?? ''}, and does not run knockproxy`,
        'put ProxyCommand first, or ProxyJump none before it; KnockVia knocks from the jump host',
      ),
    ];
  }
  const jump = shadowed?.keyword === 'proxyjump' && !isNone(shadowed) ? [jumpTrap(shadowed)] : [];
  return [...commandTraps(proxy.words, where, programs), ...jump];
}

function jumpTrap(jump: Setting): Trap {
  return {
    severity: 'warning',
    text: `ProxyJump in ${describePlace(jump)} has no effect: ProxyCommand comes first`,
    fix: 'remove one of the two for this host',
  };
}

function commandTraps(words: readonly string[], where: string, programs: Programs): Trap[] {
  const [first = '', ...rest] = withoutPrefix(words);
  const byNode = NODE.test(path.basename(first));
  const script = byNode ? rest.find((word) => !word.startsWith('-')) : first;
  if (script === undefined || !isOurs(script, programs)) {
    return [error(`ProxyCommand in ${where} is not knockproxy`, ADD_WRITES_IT)];
  }
  const fix = ADD_WRITES_IT;
  const program = programTrap(first, where, programs);
  if (program !== undefined) return [program];
  if (byNode) {
    return programs.exists(script) ? [] : [error(`ProxyCommand in ${where}: there is no ${script}`, fix)];
  }
  const needsNode = /^#!.*\benv\s+(-S\s+)?node\b/.test(programs.firstLine(resolve(first, programs) ?? first));
  const node = needsNode ? programTrap('node', where, programs) : undefined;
  return node === undefined ? [] : [node];
}

/** Whether a program can be run with this PATH and with a minimal one. */
function programTrap(program: string, where: string, programs: Programs): Trap | undefined {
  if (isPath(program)) {
    if (programs.isExecutable(program)) return undefined;
    const what = programs.exists(program) ? 'is not executable' : 'does not exist';
    return error(`ProxyCommand in ${where}: ${program} ${what}`, ADD_WRITES_IT);
  }
  if (resolve(program, programs) === undefined) {
    return error(`ProxyCommand in ${where}: ${program} is not on PATH`, ADD_WRITES_IT);
  }
  if (process.platform === 'win32' || find(program, PLAIN_PATH, programs) !== undefined) return undefined;
  return {
    severity: 'warning',
    text: `ProxyCommand in ${where}: ${program} is not found with PATH=${PLAIN_PATH}, as in cron and some editors`,
    fix: ADD_WRITES_IT,
  };
}

/** The words after `exec`, `env` and variable assignments. */
function withoutPrefix(words: readonly string[]): readonly string[] {
  const start = words.findIndex((word) => !/^(exec|(.*\/)?env|\w+=.*)$/.test(word));
  return start < 0 ? [] : words.slice(start);
}

function isOurs(script: string, programs: Programs): boolean {
  const file = resolve(script, programs) ?? script;
  return [script, programs.real(file)].some((name) => OURS.test(path.basename(name)));
}

function isPath(program: string): boolean {
  return /[\\/]/.test(program);
}

/** Resolves the name of a program by PATH. */
function resolve(program: string, programs: Programs): string | undefined {
  return isPath(program) ? program : find(program, programs.path, programs);
}

function find(program: string, searchPath: string, programs: Programs): string | undefined {
  const files = searchPath
    .split(searchPath === PLAIN_PATH ? ':' : path.delimiter)
    .map((folder) => path.join(folder || '.', program));
  return files.find(programs.isExecutable);
}

function error(text: string, fix: string): Trap {
  return { severity: 'error', text, fix };
}
