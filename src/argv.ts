import { checkLine, type IsThere, isInWorkingFolder } from './util/globbed-words.ts';
import { parsePort } from './util/text.ts';

/** The only argument of a process that does nothing but close a door: see login/background-close.ts. */
export const CLOSER = '--closer';

/** How ssh starts us: options, then HOST PORT [ALIAS [USER]]. */
export interface ProxyArgs {
  readonly host: string;
  /** 1-65535 */
  readonly port: number;
  readonly alias?: string;
  readonly user?: string;
  /** -F FILE: read instead of ssh's two files. */
  readonly configFile?: string;
  /** --knock-config FILE: read instead of ~/.ssh/knock_config; `none` reads none. */
  readonly knockConfig?: string;
  readonly family?: 4 | 6;
  /** 0-3, how often -v was given. */
  readonly verbose: number;
  readonly fdpass: boolean;
}

type Options = { -readonly [K in keyof ProxyArgs]?: ProxyArgs[K] };

/**
 * Reads the command line that ssh runs. Options stand before the operands and `--` ends them; operands of which the
 * second is a port are this form, also when the first is called like a subcommand. `%n` and `%r` as they stand, left
 * by a reader of ssh_config that does not know them (paramiko), count as not given.
 *
 * The shell that runs a ProxyCommand with unquoted tokens makes words of the file names in the working folder, which
 * may be a hostile repository's: what such a word could choose is refused.
 *
 * @returns undefined for any other command line: that one is for the commands a person types.
 * @throws KnockproxyError (exit status 2) for a line of this form that is not to be trusted.
 */
export function parseProxyArgv(
  argv: readonly string[],
  isThere: IsThere = isInWorkingFolder,
): ProxyArgs | undefined {
  const line = readLine(argv);
  const [host, portText, alias, user] = line?.operands ?? [];
  const port = parsePort(portText ?? '');
  if (line === undefined || host === undefined || port === undefined) return undefined;
  checkLine(line, isThere);
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

/** undefined where an option is not of this form. */
function readLine(argv: readonly string[]) {
  const options: Options = {};
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

/** The option that takes the next argument as its value, '' when none is needed, undefined when unknown. */
type ValueFollows = 'configFile' | 'knockConfig' | '' | undefined;

function longOption(arg: string, options: Options): ValueFollows {
  if (arg === '--fdpass') {
    options.fdpass = true;
    return '';
  }
  if (arg === '--knock-config') return 'knockConfig';
  if (!arg.startsWith('--knock-config=')) return undefined;
  options.knockConfig = arg.slice('--knock-config='.length);
  return '';
}

function shortOptions(arg: string, options: Options): ValueFollows {
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
