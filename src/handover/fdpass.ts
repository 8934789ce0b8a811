import type net from 'node:net';
import { isUnixSocketPair } from './stdio.ts';

/**
 * Whether the caller can receive a descriptor. With ProxyUseFdpass, ssh passes one UNIX socket as stdin and stdout
 * (sshconnect.c: ssh_proxy_fdpass_connect), otherwise pipes; rsync passes a TCP socket.
 */
export function canPassDescriptor(): boolean {
  return isUnixSocketPair();
}

/** The internal function of child_process that makes a descriptor the IPC channel, as for NODE_CHANNEL_FD. */
type ForkChild = (fd: number, serialization: 'json') => void;

/**
 * Sends the connected socket over fd 1, as SCM_RIGHTS with the bytes of Node's IPC message. ssh reads one byte with the
 * descriptor, ignores the rest and waits for this process to exit.
 *
 * @param socket connected and paused: Node must not have read any of the server's banner.
 */
export async function passDescriptor(socket: net.Socket): Promise<void> {
  const childProcess = await import('node:child_process');
  (childProcess as unknown as { _forkChild: ForkChild })._forkChild(1, 'json');
  await new Promise<void>((resolve, reject) => {
    process.send!(0, socket, { keepOpen: false }, (error) => (error ? reject(error) : resolve()));
  });
}
