import { HistoryStore } from '../../coordination/history-store.ts';
import { MAX_LOCK_WAIT_MS, takeKnockLock } from '../../coordination/knock-lock.ts';
import { lockPaths } from '../../coordination/lock-paths.ts';
import { send } from '../../login/close-door.ts';
import { eachAddress } from '../../login/each-address.ts';
import { KnockproxyError } from '../../util/errors.ts';
import { printable } from '../../util/log.ts';
import { defineCommand } from '../shared/command.ts';
import { findDoor } from '../shared/find-door.ts';
import { HOST, HOST_OPTIONS, type HostArgs } from '../shared/option-tables.ts';

export const closeCommand = defineCommand({
  name: 'close',
  help: 'send the sequence that closes the door, to each address of the host',
  operands: { host: { ...HOST.host, completes: 'close' } },
  options: HOST_OPTIONS,
  run: close,
});

async function close(args: HostArgs): Promise<void> {
  const { door, targets } = await findDoor(args);
  const { closeSteps, delayMs } = door;
  if (closeSteps === undefined) {
    throw new KnockproxyError(`no close sequence is configured for ${printable(args.host)}`, {
      exitCode: 2,
      hints: ['set KnockCloseSequence for this host in ~/.ssh/knock_config'],
    });
  }
  for (const target of await eachAddress(targets)) {
    const place = lockPaths(target, new HistoryStore());
    const taken = await takeKnockLock({ file: place.lockFile, waitMs: MAX_LOCK_WAIT_MS });
    try {
      await send({
        target,
        steps: closeSteps,
        times: 1,
        ...(delayMs !== undefined && { delayMs }),
        ...place,
      });
    } finally {
      if (taken.kind !== 'opened') taken.lock.release();
    }
  }
}
