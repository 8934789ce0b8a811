import { checkProxyLine, type Exists, existsInWorkingFolder } from './util/shell-glob-check.ts';
import { parsePort } from './util/text.ts';

/** The only argument of a process that does nothing but close a door: see login/background-close.ts. */
export const CLOSER = '--closer';

/** The command line of a ProxyCommand: options, then HOST PORT [ALIAS [USER]]. */
export interface ProxyArgs {
  readonly host: string;
  /** 1-65535 */
  readonly port: number;
  readonly alias?: string;
  readonly user?: string;
  /** -F FILE: replaces ssh's two files. */
  readonly configFile?: string;
  /** --knock-config FILE: replaces ~/.ssh/knock_config; `none`: no file. */
  readonly knockConfig?: string;
  readonly family?: 4 | 6;
  /** How often -v was given, 0-3. */
  readonly verbose: number;
  readonly fdpass: boolean;
}

type ParsedArgs = { -readonly [K in keyof ProxyArgs]?: ProxyArgs[K] };

/**
 * Reads the command line that ssh runs. Options precede the operands; `--` ends them. A command line whose second operand
 * is a port has this form, even if the first is the name of a subcommand. A literal `%n` or `%r`, left unexpanded by a
 * client that does not know the token (paramiko), counts as not given.
 *
 * @returns undefined for any other command line.
 * @throws KnockproxyError (exit status 2) if an argument may be a file name that the shell expanded (shell-glob-check.ts).
 */
export function parseProxyArgv(
  argv: readonly string[],
  exists: Exists = existsInWorkingFolder,
): ProxyArgs | undefined {
  const line = readLine(argv);
  const [host, portText, alias, user] = line?.operands ?? [];
  const port = parsePort(portText ?? '');
  if (line === undefined || host === undefined || port === undefined || isListen(line)) return undefined;
  checkProxyLine(line, exists);
  return {
    verbose: 0,
    fdpass: false,
    ...line.options,
    host,
    port,
    ...(alias !== undefined && alias !== '%n' && { alias }),
    ...(user !== undefined && user !== '%r' && { user }),
  };
}

/** `listen PORT HOST PORT`: no user of an SSH server has the name of a port. After `--`, the first operand is a host. */
function isListen({
  optionWords,
  operands,
}: {
  optionWords: readonly string[];
  operands: readonly string[];
}) {
  const [command, , , port] = operands;
  if (command !== 'listen' || port === undefined || optionWords.at(-1) === '--') return false;
  return operands.length > 4 || parsePort(port) !== undefined;
}

/** @returns undefined for an option of the other command lines. */
function readLine(argv: readonly string[]) {
  const options: ParsedArgs = {};
  const split = (at: number) => ({
    options,
    optionWords: argv.slice(0, at),
    operands: argv.slice(at),
  });
  for (let i = 0; i < argv.length; i++) {
    const arg = argv[i]!;
    if (arg === '--') return split(i + 1);
    if (arg[0] !== '-' || arg === '-') return split(i);
    const valueFollows = arg.startsWith('--') ? longOption(arg, options) : shortOptions(arg, options);
    if (valueFollows === undefined) return undefined;
    if (valueFollows !== '') {
      const value = argv[++i];
      if (value === undefined) return undefined;
      options[valueFollows] = value;
    }
  }
  return undefined;
}

/** The option whose value is the next argument; '' if none is needed, undefined if the option is unknown. */
type ValueFollows = 'configFile' | 'knockConfig' | '' | undefined;

function longOption(arg: string, options: ParsedArgs): ValueFollows {
  if (arg === '--fdpass') {
    options.fdpass = true;
    return '';
  }
  if (arg === '--knock-config') return 'knockConfig';
  if (!arg.startsWith('--knock-config=')) return undefined;
  options.knockConfig = arg.slice('--knock-config='.length);
  return '';
}

function shortOptions(arg: string, options: ParsedArgs): ValueFollows {
  for (let i = 1; i < arg.length; i++) {
    switch (arg[i]) {
      case '4':
      case '6':
        options.family = arg[i] === '4' ? 4 : 6;
        break;
      case 'v':
        options.verbose = Math.min(3, (options.verbose ?? 0) + 1);
        break;
      case 'F':
        if (i + 1 === arg.length) return 'configFile';
        options.configFile = arg.slice(i + 1);
        return '';
      default:
        return undefined;
    }
  }
  return '';
}
