import { withNextStep } from '../../config/next-step.ts';
import { loginBehindDoor } from '../../login/behind-door.ts';
import { eachAddress, knockEach } from '../../login/each-address.ts';
import { usageError } from '../../util/errors.ts';
import { type Log, printable } from '../../util/log.ts';
import { defineCommand, type OptionTable, type OptionValues } from '../shared/command.ts';
import { findDoor, hostFiles } from '../shared/find-door.ts';
import { familyOf, HOST, HOST_OPTIONS, type HostArgs, VERBOSE } from '../shared/option-tables.ts';
import { readInterval, repeat } from '../shared/repeat.ts';

const OPTIONS = {
  ...HOST_OPTIONS,
  verify: { type: 'flag', help: 'check that the door is open: connect, and close the connection' },
  every: {
    type: 'text',
    value: 'TIME',
    help: "open the door again every TIME (10s to 1w, in ssh's time format) until a signal arrives or the parent process ends",
  },
  verbose: VERBOSE,
} as const satisfies OptionTable;

type OpenArgs = HostArgs & OptionValues<typeof OPTIONS>;

/** For programs that cannot use a ProxyCommand (a browser, Match exec). */
export const openCommand = defineCommand({
  name: 'open',
  help: 'knock, and wait until the door should be open',
  usage:
    'open HOST [PORT]\n\n' +
    'Knocks once on each address of HOST that this machine has a route to, IPv4 and IPv6, because the program that\n' +
    'connects afterwards may use any of them; -4, -6 and AddressFamily select one family. A one-time sequence is sent\n' +
    'to one address only, and fwknop supports IPv4 only; a message says so.',
  operands: { ...HOST, port: { shown: '[PORT]', help: 'the port that --verify connects to' } },
  options: OPTIONS,
  run: async (args, { log }) => {
    if (args.every === undefined) return open(args, log);
    await repeat(() => open(args, log), readInterval(args.every), log);
  },
});

async function open(args: OpenArgs, report: Log): Promise<void> {
  const warn = (text: string) => report.warning(text);
  const found = await findDoor(args, warn);
  if (args.verbose > 0) report.level = args.verbose + 1;
  const isOneTime = found.door.source.kind === 'one-time';
  if (isOneTime && args.every !== undefined) throw usesUp();
  const name = printable(args.host);
  if (found.isPartial) {
    warn(`fwknop opens for IPv4 only, and ${name} has an IPv6 address too: ${INET}`);
  }
  const targets = await eachAddress(found.targets);
  // Only a connection confirms that a one-time sequence is used up.
  const opened = args.verify || isOneTime ? await verify(args, found, report) : undefined;
  const others = targets.filter(({ address }) => address !== opened);
  if (others.length === 0) return;
  if (isOneTime)
    return warn(`opened for ${opened} only, because each address would use up a sequence: ${INET}`);
  for (const { address } of others) report.debug(`knocking on ${name} (${address})`);
  for (const { message } of await knockEach({ ...found, targets: others })) warn(message);
}

const INET = 'with AddressFamily inet, or inet6, a program does not wait for the other family';

/** Opens the door by a login's attempts, and connects. @returns the address that opened. */
async function verify(
  args: OpenArgs,
  found: Awaited<ReturnType<typeof findDoor>>,
  report: Log,
): Promise<string | undefined> {
  try {
    const { socket, afterHandover } = await loginBehindDoor({ ...found, host: args.host, report });
    const { remoteAddress } = socket;
    socket.destroy();
    await afterHandover();
    return remoteAddress;
  } catch (error) {
    const family = familyOf(args);
    throw withNextStep(error, {
      ...found.names,
      ...hostFiles(args),
      ...(family !== undefined && { family }),
    });
  }
}

function usesUp() {
  return usageError(
    '--every would use up the one-time sequences of this door',
    'open it once, without --every',
  );
}
