import { type DoorPair, pairDoors } from '../knockd/pair-doors.ts';
import { readKnockdConf } from '../knockd/read-knockd-conf.ts';
import type { ImportedDoor, ImportedFile } from './imported-door.ts';

/** The longest KnockSequenceTimeout, in seconds. */
const MAX_WINDOW_S = 3600;

/** Reads a knockd.conf. @throws KnockproxyError `FILE line N: ...` as knockd. */
export function readKnockdDoors(text: string, file: string): ImportedFile {
  const { doors, foreign } = readKnockdConf(text, file);
  return {
    doors: pairDoors(doors).pairs.map(importDoor),
    notes: foreign.map(({ name, line }) => `${file} line ${line}: knockd 0.8 has no option ${name}`),
  };
}

function importDoor({ open, close, ports, problems, notes }: DoorPair): ImportedDoor {
  const { name, line, steps, oneTimeFile, seqTimeoutS } = open;
  return {
    name,
    line,
    secret: oneTimeFile === undefined ? { kind: 'sequence', steps } : { kind: 'one-time', file: oneTimeFile },
    ...(close && { closedBy: close.name }),
    ...(close && close.steps.length > 0 && { closeSteps: close.steps }),
    ...(seqTimeoutS <= MAX_WINDOW_S && { sequenceTimeoutS: seqTimeoutS }),
    ports,
    problems,
    notes,
  };
}
