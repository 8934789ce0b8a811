import type { ImportedDoor } from '../../import/imported-door.ts';
import type { Recognized } from '../../import/read-import.ts';
import { printable } from '../../util/log.ts';
import { readConfigured } from './configured-door.ts';

/** A door without its secret, as `import --json` prints it: docs/schema/import.json. */
export function toImportJson({ secret, ...door }: ImportedDoor) {
  const { name, ports, sequenceTimeoutS, closedBy, problems, notes } = door;
  const configured = secret.kind === 'configured' ? readConfigured(secret.settings, '') : undefined;
  return {
    door: name,
    kind: configured?.kind ?? secret.kind,
    steps: secret.kind === 'sequence' ? secret.steps.length : (configured?.steps ?? null),
    ports,
    seconds: sequenceTimeoutS ?? null,
    closedBy: closedBy ?? null,
    problems,
    notes,
  };
}

/** The doors of a file for a person to choose from, as lines. */
export function describeImported({ doors, notes, format }: Recognized): string[] {
  return [
    `${format}:`,
    ...notes.map((note) => `note: ${printable(note)}`),
    ...(doors.length === 0 ? ['nothing in this file opens a door'] : doors.flatMap(describeDoor)),
    ...(doors.length === 0 ? [] : ['to set one up, pass --host HOST (and --door NAME if there are several)']),
  ];
}

function describeDoor(door: ImportedDoor): string[] {
  const { steps, kind, ports, closedBy } = toImportJson(door);
  const facts = [
    steps === null ? kind : `${kind}, ${steps} steps`,
    ...(ports.length > 0 ? [`opens ${ports.join(' ')}`] : []),
    ...(closedBy === null ? [] : [`closed by ${printable(closedBy)}`]),
  ];
  const more = [...door.problems, ...door.notes.map((note) => `note: ${note}`)];
  return [`${printable(door.name)}: ${facts.join('; ')}`, ...more.map((line) => `  ${printable(line)}`)];
}
