import type net from 'node:net';
import { type ConnectHandlers, Connector } from './connector.ts';
import { Knocker } from './knocker.ts';
import type { Target } from './resolve.ts';

/** Sends the knocks of a login to one address. */
export type KnockSender = Pick<Knocker, 'prepare' | 'send' | 'close'>;

/** Starts the connects of a login to one address. */
export type ConnectStarter = Pick<Connector, 'lastAnswer' | 'answers' | 'connect' | 'close'>;

/** All traffic of a login goes through this; tests pass a fake one. */
export interface Network {
  knocker(target: Target): KnockSender;
  /** @param onread the option of the session's socket; undefined: an ordinary stream. */
  connector(target: Target, handlers: ConnectHandlers, onread?: net.OnReadOpts): ConnectStarter;
  /** Whether nothing on this machine's own network has the address; false where that is not known. */
  isMissing(target: Target): Promise<boolean>;
}

export const realNetwork: Network = {
  knocker: (target) => new Knocker(target),
  connector: (target, handlers, onread) => new Connector(target, handlers, onread),
  isMissing: async ({ address }) => (await import('./neighbour.ts')).isMissingNeighbour(address),
};
