import { readTypedHost } from '../../config/host-config.ts';
import { realSystem } from '../../ssh-config/system.ts';
import { withExec } from '../../ssh-config/with-exec.ts';
import { exitNow } from '../../util/exit.ts';
import { type Log, printable, toKnockproxyError } from '../../util/log.ts';
import { refuseVia } from '../../via/refuse-via.ts';
import { bindAll, placeOf } from '../listen/bind.ts';
import { Clients } from '../listen/clients.ts';
import { parseLocal } from '../listen/local-address.ts';
import { reachHost } from '../listen/reach-host.ts';
import { defineCommand, type OptionTable, type OptionValues } from '../shared/command.ts';
import { hostFiles } from '../shared/find-door.ts';
import { boundTo, familyOf, HOST, HOST_OPTIONS, VERBOSE } from '../shared/option-tables.ts';
import { readPort } from '../shared/port.ts';

const OPTIONS = {
  ...HOST_OPTIONS,
  'allow-others': { type: 'flag', help: 'allow an ADDRESS that other machines can reach' },
  verbose: VERBOSE,
} as const satisfies OptionTable;

/** For programs that take an address instead of a ProxyCommand (database clients, RDP, browsers, IDEs). */
export const listenCommand = defineCommand({
  name: 'listen',
  help: 'listen on a local port, and connect each client to HOST PORT through its door',
  usage:
    'listen [ADDRESS:]PORT HOST PORT\n\n' +
    'Opens the door for each client, once for clients that connect at the same time, and relays the traffic\n' +
    'until both ends have closed the connection. Listens on 127.0.0.1 and [::1] unless ADDRESS is given; it may\n' +
    'be a literal address of this machine, with IPv6 in brackets, or * for all. Port 0 selects any free port. With systemd in place of [ADDRESS:]PORT, uses\n' +
    'the sockets that a .socket unit passes. Exits on SIGINT, SIGTERM or SIGHUP and closes all connections.',
  operands: {
    local: { shown: '[ADDRESS:]PORT', help: 'where to listen on this machine, or systemd' },
    ...HOST,
    port: { shown: 'PORT', help: 'the port of HOST to connect to' },
  },
  options: OPTIONS,
  run: (args, { log }) => listen(args, log),
});

type ListenArgs = OptionValues<typeof OPTIONS> & {
  readonly local: string;
  readonly host: string;
  readonly port: string;
};

async function listen(args: ListenArgs, report: Log): Promise<void> {
  const { host: alias, allowOthers = false } = args;
  const local = parseLocal(args.local);
  const port = readPort(args.port);
  if (args.verbose > 0) report.level = args.verbose + 1;
  const find = (signal?: AbortSignal) =>
    withExec((system) => readTypedHost(alias, port, hostFiles(args), system), realSystem(), signal);
  const { settings, hints } = await find();
  refuseVia(settings);
  if (settings.door === undefined) {
    const why = [
      `${printable(alias)} has no door at present: its clients are connected without a knock`,
      ...hints,
    ];
    report.warning(why.join('; '));
  }
  const clients = new Clients(
    reachHost(find, { family: familyOf(args), ...boundTo(args) }, report),
    reporter(report),
  );
  const servers = await bindAll({ local, allowOthers, onClient: clients.accept });
  for (const server of servers) {
    server.on('error', () => report.warning('a client could not be accepted: too many open files'));
  }
  console.log(servers.map((server) => `listening on ${placeOf(server)}`).join('\n'));
  await endSignal();
  for (const server of servers) server.close();
  await clients.end();
  exitNow(0);
}

/** Prints a reason once, also if it is that of many clients that waited for one opening. */
function reporter(report: Log): (error: unknown) => void {
  let last: unknown;
  return (error) => {
    if (error === last) return;
    last = error;
    report.error(toKnockproxyError(error));
  };
}

function endSignal(): Promise<void> {
  return new Promise((resolve) => {
    const end = () => resolve();
    process.once('SIGINT', end).once('SIGTERM', end).once('SIGHUP', end);
  });
}
