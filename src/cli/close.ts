import type { CommandModule } from 'yargs';
import { KnockproxyError } from '../errors.ts';
import { send } from '../opener/close.ts';
import { placeOf } from '../opener/meeting-place.ts';
import { State } from '../opener/state.ts';
import { LONGEST_TURN_WAIT_MS, takeTurn } from '../opener/turn.ts';
import { printable } from '../report.ts';
import { findDoor, type HostArgs, hostOptions } from './host.ts';

/** `knockproxy close`: sends the close sequence. */
export function closeCommand(): CommandModule<object, HostArgs> {
  return {
    command: 'close <host>',
    describe: 'send the sequence that closes the door',
    builder: hostOptions,
    handler: close,
  };
}

async function close(args: HostArgs): Promise<void> {
  const { door, targets } = await findDoor(args);
  const { closeSteps, delayMs } = door;
  if (closeSteps === undefined) {
    throw new KnockproxyError(`no close sequence is configured for ${printable(args.host)}`, {
      exitCode: 2,
      hints: ['set KnockCloseSequence for this host in ~/.ssh/knock_config'],
    });
  }
  const target = targets[0]!;
  const place = placeOf(target, new State());
  const turn = await takeTurn({ file: place.turnFile, waitMs: LONGEST_TURN_WAIT_MS });
  try {
    await send({ target, steps: closeSteps, times: 1, ...(delayMs !== undefined && { delayMs }), ...place });
  } finally {
    if (typeof turn !== 'string') turn.release();
  }
}
