import { configError } from '../util/errors.ts';
import { isAccessConf, readAccessConf } from './access-conf.ts';
import { hasKnockCommands, readCommandLines } from './command-lines.ts';
import { isDoorFile, readDoorFile } from './door-file.ts';
import type { ImportedFile } from './imported-door.ts';
import { isRecentRules, readRecentRules } from './iptables-recent.ts';
import { isKnockOnPorts, readKnockOnPorts } from './knock-on-ports.ts';
import { readKnockdDoors } from './knockd-doors.ts';
import { isNftRuleset, readNftRuleset } from './nft-ruleset.ts';
import { isRouterOs, readRouterOs } from './routeros.ts';

interface Format {
  /** For messages. */
  readonly name: string;
  is(text: string): boolean;
  read(text: string, file: string): ImportedFile;
}

/** In this order: a script may contain rules, and what nothing else is may be a knockd.conf. */
const FORMATS: readonly Format[] = [
  { name: 'an export of knockproxy list', is: isDoorFile, read: readDoorFile },
  { name: 'a Knock on Ports export', is: isKnockOnPorts, read: readKnockOnPorts },
  { name: 'access.conf of fwknopd', is: isAccessConf, read: readAccessConf },
  { name: 'knockd.conf', is: (text) => /^[ \t]*\[/m.test(text), read: readKnockdDoors },
  { name: 'a RouterOS export', is: isRouterOs, read: readRouterOs },
  { name: 'an nftables ruleset', is: isNftRuleset, read: readNftRuleset },
  { name: 'an iptables ruleset', is: isRecentRules, read: readRecentRules },
  { name: 'a script that knocks', is: hasKnockCommands, read: readCommandLines },
];

export interface Recognized extends ImportedFile {
  /** What the file was read as. */
  readonly format: string;
}

/**
 * Reads the doors in a file of a server or of another client, whose format is recognized by its content.
 *
 * @param text one character per byte (latin1).
 * @throws KnockproxyError `FILE line N: ...` for a file that is not understood, without quoting it.
 */
export function readImport(text: string, file: string): Recognized {
  const format = FORMATS.find(({ is }) => is(text));
  if (format === undefined) {
    const known = FORMATS.map(({ name }) => name).join(', ');
    throw configError({ file }, 'unrecognized file format', `import reads ${known}`);
  }
  return { format: format.name, ...format.read(text, file) };
}
