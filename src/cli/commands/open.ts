import { loginBehindDoor } from '../../login/behind-door.ts';
import { knockOnce } from '../../login/knock-and-wait.ts';
import type { Log } from '../../util/log.ts';
import { defineCommand, type OptionTable, type OptionValues } from '../shared/command.ts';
import { findDoor } from '../shared/find-door.ts';
import { HOST, HOST_OPTIONS, type HostArgs, VERBOSE } from '../shared/option-tables.ts';

const OPTIONS = {
  ...HOST_OPTIONS,
  verify: { type: 'flag', help: 'complete one connection and close it' },
  verbose: VERBOSE,
} as const satisfies OptionTable;

/** For what cannot use a ProxyCommand (a browser, Match exec). */
export const openCommand = defineCommand({
  name: 'open',
  help: 'knock and wait until the door should be open',
  operands: { ...HOST, port: { shown: '[PORT]', help: 'the port to reach, for --verify' } },
  options: OPTIONS,
  run: (args, { log }) => open(args, log),
});

async function open(args: HostArgs & OptionValues<typeof OPTIONS>, report: Log): Promise<void> {
  const found = await findDoor(args, (text) => report.warning(text));
  if (args.verbose > 0) report.level = args.verbose + 1;
  // A one-time sequence is used up only when the door is seen to open.
  const verify = args.verify || found.door.source.kind === 'one-time';
  if (!verify) return knockOnce(found);
  const { socket, afterHandover: settle } = await loginBehindDoor({ ...found, host: args.host, report });
  socket.destroy();
  await settle();
}
