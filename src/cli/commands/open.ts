import { loginBehindDoor } from '../../login/behind-door.ts';
import { knockOnce } from '../../login/knock-only.ts';
import type { Log } from '../../util/log.ts';
import { defineCommand, type OptionTable, type OptionValues } from '../shared/command.ts';
import { findDoor } from '../shared/find-door.ts';
import { HOST, HOST_OPTIONS, type HostArgs, VERBOSE } from '../shared/option-tables.ts';

const OPTIONS = {
  ...HOST_OPTIONS,
  verify: { type: 'flag', help: 'check by opening a connection and closing it' },
  verbose: VERBOSE,
} as const satisfies OptionTable;

/** For programs that cannot use a ProxyCommand (a browser, Match exec). */
export const openCommand = defineCommand({
  name: 'open',
  help: 'knock, and wait until the door should be open',
  operands: { ...HOST, port: { shown: '[PORT]', help: 'the port to connect to, for --verify' } },
  options: OPTIONS,
  run: (args, { log }) => open(args, log),
});

async function open(args: HostArgs & OptionValues<typeof OPTIONS>, report: Log): Promise<void> {
  const found = await findDoor(args, (text) => report.warning(text));
  if (args.verbose > 0) report.level = args.verbose + 1;
  // Only a connection confirms that a one-time sequence is used up.
  const verify = args.verify || found.door.source.kind === 'one-time';
  if (!verify) return knockOnce(found);
  const { socket, afterHandover } = await loginBehindDoor({ ...found, host: args.host, report });
  socket.destroy();
  await afterHandover();
}
