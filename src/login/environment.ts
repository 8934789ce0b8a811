import net from 'node:net';
import type { LockSockets } from '../coordination/knock-lock.ts';
import { type Network, realNetwork } from '../network/network.ts';
import { type Clock, realClock } from '../util/clock.ts';

/** The effects of a login; tests pass fake ones and run logins without sockets and timers. */
export interface Environment {
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly network: Network;
  /** Between the processes of this machine. */
  readonly localSockets: LockSockets;
  /** The id of this process. */
  readonly pid: number;
  /** Whether a process of this user exists. */
  readonly isAlive: (pid: number) => boolean;
}

export const realEnvironment: Environment = {
  clock: realClock,
  random: Math.random,
  network: realNetwork,
  localSockets: net,
  pid: process.pid,
  isAlive(pid) {
    try {
      return pid > 0 && process.kill(pid, 0);
    } catch {
      return false;
    }
  },
};
