import { loginBehindDoor } from '../../login/behind-door.ts';
import { knockOnce } from '../../login/knock-only.ts';
import { usageError } from '../../util/errors.ts';
import type { Log } from '../../util/log.ts';
import { defineCommand, type OptionTable, type OptionValues } from '../shared/command.ts';
import { findDoor } from '../shared/find-door.ts';
import { HOST, HOST_OPTIONS, type HostArgs, VERBOSE } from '../shared/option-tables.ts';
import { readInterval, repeat } from '../shared/repeat.ts';

const OPTIONS = {
  ...HOST_OPTIONS,
  verify: { type: 'flag', help: 'check that the door is open: connect, and close the connection' },
  every: {
    type: 'text',
    value: 'TIME',
    help: "open again and again, each TIME (10s to 1w, in ssh's time format), until a signal or the end of the parent process",
  },
  verbose: VERBOSE,
} as const satisfies OptionTable;

type OpenArgs = HostArgs & OptionValues<typeof OPTIONS>;

/** For programs that cannot use a ProxyCommand (a browser, Match exec). */
export const openCommand = defineCommand({
  name: 'open',
  help: 'knock, and wait until the door should be open',
  operands: { ...HOST, port: { shown: '[PORT]', help: 'the port that --verify connects to' } },
  options: OPTIONS,
  run: async (args, { log }) => {
    if (args.every === undefined) return open(args, log);
    await repeat(() => open(args, log), readInterval(args.every), log);
  },
});

async function open(args: OpenArgs, report: Log): Promise<void> {
  const found = await findDoor(args, (text) => report.warning(text));
  if (args.verbose > 0) report.level = args.verbose + 1;
  const isOneTime = found.door.source.kind === 'one-time';
  if (isOneTime && args.every !== undefined) throw usesUp();
  // Only a connection confirms that a one-time sequence is used up.
  if (!args.verify && !isOneTime) return knockOnce(found);
  const { socket, afterHandover } = await loginBehindDoor({ ...found, host: args.host, report });
  socket.destroy();
  await afterHandover();
}

function usesUp() {
  return usageError(
    '--every would use up the one-time sequences of this door',
    'open it once, without --every',
  );
}
