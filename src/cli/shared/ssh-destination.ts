import { run } from './run-ssh.ts';

/** Where ssh would go for a name. */
export interface SshDestination {
  readonly port: number;
  /** undefined: nothing says it, so ssh takes the local user's name. */
  readonly user?: string;
}

/**
 * What the person's ssh configuration says about a host: `ssh -G`, which opens no connection. Port 22 where there is no
 * ssh, or it refuses the configuration: it says so itself at the first login.
 */
export async function sshDestination(host: string | undefined, config?: string): Promise<SshDestination> {
  if (host === undefined) return { port: 22 };
  const file = config === undefined ? [] : ['-F', config];
  const [given, other] = await Promise.all([
    run(['ssh', ...file, '-G', '--', host]),
    // A user that no configuration could name shows whether `user` is the default.
    run(['ssh', '-F', 'none', '-G', '--', host]),
  ]);
  const port = Number(/^port (\d+)$/m.exec(given)?.[1] ?? 22);
  const user = userIn(given);
  return { port, ...(user !== undefined && user !== userIn(other) && { user }) };
}

function userIn(text: string): string | undefined {
  return /^user (.*)$/m.exec(text)?.[1];
}
