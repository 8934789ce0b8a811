import type { Socket } from 'node:net';
import ssh2, {
  type AuthContext,
  type Connection,
  type ParsedKey,
  type PublicKeyAuthContext,
  type ServerChannel,
} from 'ssh2';
import type { Children } from './children.ts';
import { serveSftp } from './sftp.ts';

export interface SshServerOptions {
  /** The private key the server shows itself with. */
  hostKey: string;
  /** The public key of the only one who may log in. */
  userKey: string;
  /** The directory commands start in, and the only one SFTP shows. */
  root: string;
  children: Children;
}

/**
 * Makes a small SSH server for one user key: commands and SFTP, no terminal, no forwarding, and no listener of its own.
 * @returns what serves one connected socket
 */
export function sshServer(options: SshServerOptions): (socket: Socket) => void {
  const userKey = ssh2.utils.parseKey(options.userKey);
  if (userKey instanceof Error) throw userKey;
  const server = new ssh2.Server({ hostKeys: [options.hostKey] }, (client) => {
    client.on('authentication', (context) => authenticate(context, userKey));
    client.on('ready', () => serve(client, options));
    // A client that leaves in the middle is no concern of the server.
    client.on('error', () => {});
  });
  return (socket) => server.injectSocket(socket);
}

function authenticate(context: AuthContext, userKey: ParsedKey): void {
  if (context.method === 'publickey' && proves(context, userKey)) context.accept();
  else context.reject(['publickey']);
}

/** Whether it is this key, with a good signature; without one the client only asks whether the key would do. */
function proves({ key, blob, signature, hashAlgo }: PublicKeyAuthContext, userKey: ParsedKey): boolean {
  if (key.algo !== userKey.type || !key.data.equals(userKey.getPublicSSH() as Buffer)) return false;
  return !signature || (blob !== undefined && userKey.verify(blob, signature, hashAlgo) === true);
}

function serve(client: Connection, { root, children }: SshServerOptions): void {
  client.on('session', (acceptSession) => {
    const session = acceptSession();
    session.on('sftp', (accept) => serveSftp(accept(), root));
    session.on('exec', (accept, _reject, { command }) => execute(accept(), command, root, children));
  });
}

/** Runs a command in a shell, as sshd does. */
function execute(channel: ServerChannel, command: string, root: string, children: Children): void {
  const shell = children.start('/bin/sh', ['-c', command], { cwd: root, stdio: 'pipe' });
  const { stdin, stdout, stderr } = shell;
  if (stdin) channel.pipe(stdin).on('error', () => {});
  stdout?.pipe(channel, { end: false });
  stderr?.pipe(channel.stderr, { end: false });
  shell.once('close', (status) => {
    channel.exit(status ?? 255);
    channel.end();
  });
}
