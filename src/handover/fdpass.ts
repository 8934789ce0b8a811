import type net from 'node:net';
import { isUnixSocketPair } from './stdio.ts';

/**
 * Whether the caller can take a descriptor: ssh gives one UNIX socket as stdin and stdout then
 * (sshconnect.c: ssh_proxy_fdpass_connect), pipes otherwise; rsync gives a TCP socket.
 */
export function canPassDescriptor(): boolean {
  return isUnixSocketPair();
}

/** child_process's own way to make a descriptor this process's IPC channel, as for NODE_CHANNEL_FD. */
type ForkChild = (fd: number, serialization: 'json') => void;

/**
 * Sends the connected socket over fd 1, as SCM_RIGHTS beside the bytes of Node's IPC message; ssh reads one
 * byte with the descriptor, ignores the rest and waits for us to exit.
 *
 * @param socket connected and paused, so that Node has read nothing of the server's banner.
 */
export async function passDescriptor(socket: net.Socket): Promise<void> {
  const childProcess = await import('node:child_process');
  (childProcess as unknown as { _forkChild: ForkChild })._forkChild(1, 'json');
  await new Promise<void>((resolve, reject) => {
    process.send!(0, socket, { keepOpen: false }, (error) => (error ? reject(error) : resolve()));
  });
}
