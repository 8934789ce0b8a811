import type { Argv, CommandModule } from 'yargs';
import { loginBehindDoor } from '../../login/behind-door.ts';
import { knockOnce } from '../../login/knock-and-wait.ts';
import type { Log } from '../../util/log.ts';
import { findDoor, type HostArgs, hostOptions } from '../shared/find-door.ts';

interface OpenArgs extends HostArgs {
  verify?: boolean;
  verbose: number;
}

/** `knockproxy open`: for what cannot use a ProxyCommand (a browser, Match exec). */
export function openCommand(report: Log): CommandModule<object, OpenArgs> {
  return {
    command: 'open <host> [port]',
    describe: 'knock and wait until the door should be open',
    builder: (yargs: Argv<object>) =>
      hostOptions(yargs)
        .positional('port', { type: 'string', describe: 'the port to reach, for --verify' })
        .option('verify', { type: 'boolean', describe: 'complete one connection and close it' })
        .option('verbose', {
          alias: 'v',
          count: true,
          default: 0,
          describe: 'say what is done, never the ports',
        }) as unknown as Argv<OpenArgs>,
    handler: (args) => open(args, report),
  };
}

async function open(args: OpenArgs, report: Log): Promise<void> {
  const found = await findDoor(args, (text) => report.warning(text));
  if (args.verbose > 0) report.level = args.verbose + 1;
  // A one-time sequence is used up only when the door is seen to open.
  const verify = args.verify || found.door.source.kind === 'one-time';
  if (!verify) return knockOnce(found);
  const { socket, afterHandover: settle } = await loginBehindDoor({ ...found, host: args.host, report });
  socket.destroy();
  await settle();
}
