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

/** Runs sh there. @param socket of a connection that this ssh is to share; undefined: as the host is configured. */
export function shellWords({ host, configFile }: Via, socket: string | undefined): string[] {
  const shares = socket === undefined ? [] : ['-M', '-S', socket, '-o', 'ControlPersist=no'];
  // What the host's configuration has for sessions of its own.
  const plain = ['-T', '-a', '-x', '-o', 'ClearAllForwardings=yes', '-o', 'RemoteCommand=none'];
  return [...start(configFile), ...shares, ...plain, '-o', 'PermitLocalCommand=no', '--', host, 'sh'];
}

/** Connects from there. @param socket of a connection to share, as in shellWords. */
export function connectWords(
  { host, configFile }: Via,
  socket: string | undefined,
  to: { readonly host: string; readonly port: number },
): string[] {
  const shares = socket === undefined ? [] : ['-S', socket, '-o', 'ControlMaster=no'];
  return [...start(configFile), ...shares, '-W', `[${to.host}]:${to.port}`, '--', host];
}

function start(configFile: string | undefined): string[] {
  return configFile === undefined ? ['ssh'] : ['ssh', '-F', configFile];
}
