/** How ssh is started for the host of KnockVia. */
export interface Via {
  /** What ssh is given as its destination. */
  readonly host: string;
  /** -F FILE, as given to this process. */
  readonly configFile?: string | undefined;
}

/** Prints the configuration of the host as ssh reads it. */
export function configWords({ host, configFile }: Via): string[] {
  return [...start(configFile), '-T', '-G', '--', host];
}

/**
 * Whether several ssh processes share one connection to the host, by what `ssh -G` prints: a socket is configured, and
 * ssh makes it or finds it there.
 */
export function sharesConnection(printed: string): boolean {
  return /^controlmaster (?!false|no)/m.test(printed) && /^controlpath (?!none)/m.test(printed);
}

/**
 * Words against what `ssh -G` prints of a host that is not meant for sessions, or not for a stdin that is a pipe. The
 * keywords are new in OpenSSH 8.7: an older one knows none of them, and prints none.
 */
export function plainWords(printed: string): PlainWords {
  const lines = printed.split('\n');
  const against = (pairs: readonly (readonly [string, string])[]) =>
    pairs.flatMap(([line, word]) => (lines.includes(line) ? ['-o', word] : []));
  return { session: against(NO_SESSION), stdin: against(NO_STDIN) };
}

/** What each ssh needs. */
export interface PlainWords {
  readonly session: readonly string[];
  readonly stdin: readonly string[];
}

const NO_SESSION = [
  ['sessiontype none', 'SessionType=default'],
  ['sessiontype subsystem', 'SessionType=default'],
] as const;

const NO_STDIN = [
  ['stdinnull yes', 'StdinNull=no'],
  ['forkafterauthentication yes', 'ForkAfterAuthentication=no'],
] as const;

/** Neither a command nor one of this machine: what the host's configuration has for sessions of its own. */
const NO_COMMAND = ['-o', 'RemoteCommand=none', '-o', 'PermitLocalCommand=no'];

/** Runs sh there. @param socket of a connection that this ssh is to share; undefined: as the host is configured. */
export function shellWords(
  { host, configFile }: Via,
  socket: string | undefined,
  { session, stdin }: PlainWords,
): string[] {
  const shares = socket === undefined ? [] : ['-M', '-S', socket, '-o', 'ControlPersist=no'];
  const plain = ['-T', '-a', '-x', '-o', 'ClearAllForwardings=yes', ...NO_COMMAND, ...session, ...stdin];
  return [...start(configFile), ...shares, ...plain, '--', host, 'sh'];
}

/** Connects from there. @param socket of a connection to share, as in shellWords. */
export function connectWords(
  { host, configFile }: Via,
  socket: string | undefined,
  { stdin }: PlainWords,
  to: { readonly host: string; readonly port: number },
): string[] {
  const shares = socket === undefined ? [] : ['-S', socket, '-o', 'ControlMaster=no'];
  const plain = [...NO_COMMAND, ...stdin];
  return [...start(configFile), ...shares, ...plain, '-W', `[${to.host}]:${to.port}`, '--', host];
}

function start(configFile: string | undefined): string[] {
  return configFile === undefined ? ['ssh'] : ['ssh', '-F', configFile];
}
