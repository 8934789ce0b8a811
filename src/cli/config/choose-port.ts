import type { ImportedDoor } from '../../import/imported-door.ts';
import { configError, describePlace } from '../../util/errors.ts';
import { SSH_PORT } from '../../util/text.ts';
import { type EditableConfigs, loadPair, settingsFor } from './editable-configs.ts';

/**
 * The Port line, where ssh would try another port than the one that the door opens.
 *
 * @throws KnockproxyError where neither the files nor the command say which that is.
 */
export function choosePort(
  door: ImportedDoor,
  { file, port, host }: { file: string; port?: string | undefined; host: string },
  pair: EditableConfigs,
): { port?: string; note?: string } {
  if (port !== undefined) return { port };
  const configured = settingsFor(loadPair(pair), host).get('port');
  const { line, ports } = door;
  if (configured !== undefined) {
    const differs = ports.length > 0 && !ports.map(String).includes(configured.words[0]!);
    return differs
      ? { note: `the door opens ${ports.join(' ')}, but ${describePlace(configured)} sets another Port` }
      : {};
  }
  const opened = sshPortOf(door);
  if (opened === undefined) throw unknownPort(file, line, ports);
  return opened === SSH_PORT ? {} : { port: String(opened) };
}

/** The port that ssh is to try: the only one that the door opens, or ssh's own; undefined where the file does not say. */
export function sshPortOf({ ports }: Pick<ImportedDoor, 'ports'>): number | undefined {
  if (ports.includes(SSH_PORT)) return SSH_PORT;
  return ports.length === 1 ? ports[0] : undefined;
}

function unknownPort(file: string, line: number, ports: readonly number[]) {
  const which =
    ports.length === 0
      ? 'the file does not say which TCP port this door opens'
      : `this door opens several ports: ${ports.join(', ')}`;
  return configError({ file, line }, which, 'pass -p PORT: the port on which sshd listens, 22 by default');
}
