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
 * Reads the command line that ssh runs. Options stand before the operands and `--` ends them; two to four
 * operands of which the second is a port are this form, also when the first is called like a subcommand.
 *
 * @returns undefined for any other command line: that one is for the commands a person types.
 */
export function parseProxyArgv(argv: readonly string[]): ProxyArgs | undefined {
  const options: Options = {};
  const operands = readOptions(argv, options);
  if (operands === undefined || operands.length < 2 || operands.length > 4) return undefined;
  const [host, portText, alias, user] = operands as [string, string, string?, string?];
  const port = parsePort(portText);
  if (port === undefined) return undefined;
  return {
    verbose: 0,
    fdpass: false,
    ...options,
    host,
    port,
    ...(alias !== undefined && { alias }),
    ...(user !== undefined && { user }),
  };
}

/** A decimal port number from 1 to 65535, else undefined. */
export function parsePort(text: string): number | undefined {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return port >= 1 && port <= 65535 ? port : undefined;
}

/** Fills `options` and returns the operands; undefined where an option is not of this form. */
function readOptions(argv: readonly string[], options: Options): readonly string[] | undefined {
  for (let i = 0; i < argv.length; i++) {
    const arg = argv[i]!;
    if (arg === '--') return argv.slice(i + 1);
    if (arg[0] !== '-' || arg === '-') return argv.slice(i);
    const valueFollows = arg.startsWith('--') ? longOption(arg, options) : shortOptions(arg, options);
    if (valueFollows === undefined) return undefined;
    if (valueFollows !== '') {
      const value = argv[++i];
      if (value === undefined) return undefined;
      options[valueFollows] = value;
    }
  }
  return [];
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
