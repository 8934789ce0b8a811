import type { Argv, CommandModule } from 'yargs';
import { knockOnce } from '../opener/once.ts';
import { reach } from '../opener/reach.ts';
import type { Report } from '../report.ts';
import { findDoor, type HostArgs, hostOptions } from './host.ts';

interface OpenArgs extends HostArgs {
  verify?: boolean;
  verbose: number;
}

/** `knockproxy open`: for what cannot use a ProxyCommand (a browser, Match exec). */
export function openCommand(report: Report): CommandModule<object, OpenArgs> {
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

async function open(args: OpenArgs, report: Report): Promise<void> {
  const found = await findDoor(args, (text) => report.warning(text));
  if (args.verbose > 0) report.level = args.verbose + 1;
  // A one-time sequence is used up only when the door is seen to open.
  const verify = args.verify || found.door.source.kind === 'one-time';
  if (!verify) return knockOnce(found);
  const { socket, settle } = await reach({ ...found, host: args.host, report });
  socket.destroy();
  await settle();
}
