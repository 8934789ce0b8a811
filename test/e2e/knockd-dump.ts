import { readFileSync, writeFileSync } from 'node:fs';
import type { KnockdDoor } from '../../src/knockd/knockd-options.ts';
import { readOneTimeSequences } from '../../src/knockd/knockd-sequence.ts';
import { formatSequence } from '../../src/plan/format-sequence.ts';
import { run } from '../netns/index.ts';

/** What the real knockd made of a section, from its debug output: options by name, the last one standing. */
export interface DumpedDoor {
  name: string;
  options: Record<string, string>;
  flags: Record<string, boolean>;
}

/**
 * Lets the real knockd read a file, and listen nowhere (`-i` names no interface, which it looks up after parseconfig).
 *
 * @returns its doors, or undefined when it refuses the file.
 */
export async function knockdReads(conf: string, path: string): Promise<DumpedDoor[] | undefined> {
  writeFileSync(path, conf, 'latin1');
  const { stdout, stderr } = await run(['knockd', '-D', '-i', 'none0', '-c', path]);
  if (!stderr.includes('could not open none0')) return undefined;
  const doors: DumpedDoor[] = [];
  for (const line of stdout.split('\n')) {
    const section = /^config: new section: '(.*)'$/s.exec(line)?.[1];
    if (section !== undefined && section !== 'options') {
      doors.push({ name: section.slice(0, 127), options: {}, flags: {} });
    } else if (section === undefined) {
      readLine(line, doors.at(-1));
    }
  }
  return doors;
}

function readLine(line: string, door: DumpedDoor | undefined): void {
  if (door === undefined) return;
  const flag = /^config: tcp flag: (!?)(\w+)$/.exec(line);
  if (flag !== null) door.flags[flag[2]!] = flag[1] === '';
  const prefix = `config: ${door.name}: `;
  if (!line.startsWith(prefix)) return;
  const [, key, value] = /^([\w ]+): (.*)$/s.exec(line.slice(prefix.length)) ?? [];
  if (key !== undefined) door.options[key] = value!;
}

/** Our reading of a door in the shape of knockd's debug output. */
export function dumped(door: KnockdDoor): DumpedDoor {
  const { seqTimeoutS, cmdTimeoutS, oneTimeFile, tcpFlags } = door;
  const fromFile = oneTimeFile ? readOneTimeSequences(readFileSync(oneTimeFile, 'latin1'))[0] : undefined;
  const options: Record<string, string | undefined> = {
    sequence: formatSequence(door.steps.length > 0 ? door.steps : (fromFile ?? [])),
    seq_timeout: seqTimeoutS === 25 ? undefined : `${seqTimeoutS}`,
    cmd_timeout: cmdTimeoutS === 10 ? undefined : `${cmdTimeoutS}`,
    'one time sequences file': oneTimeFile,
    target: door.target,
    start_command: door.startCommand,
    start_command_6: door.startCommand6,
    stop_command: door.stopCommand,
    stop_command_6: door.stopCommand6,
  };
  const set = Object.entries(options).filter(([, value]) => value !== undefined);
  return { name: door.name, options: Object.fromEntries(set) as never, flags: Object.fromEntries(tcpFlags) };
}
