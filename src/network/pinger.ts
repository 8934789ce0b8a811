import path from 'node:path';
import type { Step } from '../plan/sequence.ts';
import { echoSize } from '../plan/step-data.ts';
import { KnockproxyError } from '../util/errors.ts';
import { isExecutable } from '../util/is-executable.ts';
import { programPath } from '../util/program-path.ts';
import { pingArguments, pingFolders, pingName } from './ping-command.ts';
import type { Target } from './resolve.ts';
import { runPing } from './run-ping.ts';

/** @throws KnockproxyError if there is no ping. */
export function openPinger(target: Omit<Target, 'port'>): Pinger {
  const name = pingName({ platform: process.platform, family: target.family });
  const program = findProgram(name);
  if (program !== undefined) return new Pinger(program, target);
  throw new KnockproxyError(`the sequence has an icmp step, and ${name} was not found`, {
    exitCode: 2,
    hints: [`install ${name}: on Debian and Ubuntu it is in the package iputils-ping`],
  });
}

function findProgram(name: string): string | undefined {
  if (process.platform === 'win32') return programPath(name);
  return pingFolders(process.env.PATH ?? '')
    .map((folder) => path.join(folder, name))
    .find(isExecutable);
}

/** Sends ICMP echo requests to one address by the system's ping(8), which may send what this process may not. */
export class Pinger {
  readonly #program: string;
  readonly #target: Omit<Target, 'port'>;

  constructor(program: string, target: Omit<Target, 'port'>) {
    this.#program = program;
    this.#target = target;
  }

  /**
   * Sends one echo request. Resolves when it has left, so that the next knock does not overtake it, and not when it is
   * answered: most doors do not answer.
   *
   * @returns the code of the error with which this machine refuses to send it; `ping` if it is unknown.
   */
  send({ data }: Step): Promise<string | undefined> {
    const { address, knockAddress = address, localAddress, family } = this.#target;
    const { platform } = process;
    const size = echoSize(data);
    const args = pingArguments({ platform, family, address: knockAddress, localAddress, size });
    return runPing(this.#program, args, family);
  }
}
