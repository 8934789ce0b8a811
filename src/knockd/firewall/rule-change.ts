import { SSH_PORT } from '../../util/text.ts';
import { type Change, change, type ReadCommand } from './change.ts';
import { readFirewallCmd } from './firewalld.ts';
import { readIpset } from './ipset.ts';
import { readIptables, readIptablesRestore } from './iptables.ts';
import { readNft } from './nft.ts';
import { readPfctl } from './pf.ts';
import { type SimpleCommand, simpleCommands } from './shell.ts';
import { readUfw } from './ufw.ts';

/** What a server's command line does to the way in of one address. */
export interface RuleChange {
  readonly effect: 'opens' | 'closes';
  /** What it opens or closes, each in a form that is equal for the commands that do and undo it. */
  readonly rules: readonly string[];
  /** TCP ports that it opens or closes; none: not said, or not clear. */
  readonly ports: readonly number[];
}

/**
 * Reads the firewall commands of a shell command line: iptables, nft, ipset, ufw, firewalld, pf. The last one that
 * names %IP% decides, or the last one if none does; what runs later than at once (sleep, at) does not count.
 *
 * @returns undefined where no firewall command is found.
 */
export function ruleChange(commandLine: string): RuleChange | undefined {
  const all = changesOf(commandLine);
  const own = all.filter(({ isOwn }) => isOwn);
  const counted = own.length > 0 ? own : all;
  const last = counted.at(-1);
  if (last === undefined) return undefined;
  const same = counted.filter(({ effect }) => effect === last.effect);
  return { effect: last.effect, rules: same.map(({ rule }) => rule), ports: tcpPorts(same) };
}

interface Located extends Change {
  /** Its command names the address that knocked. */
  readonly isOwn: boolean;
}

const PROGRAMS: ReadonlyMap<string, ReadCommand> = new Map<string, ReadCommand>([
  ['iptables', readIptables],
  ['ip6tables', readIptables],
  ['iptables-restore', readIptablesRestore],
  ['ip6tables-restore', readIptablesRestore],
  ['nft', readNft],
  ['ipset', readIpset],
  ['ufw', readUfw],
  ['firewall-cmd', readFirewallCmd],
  ['firewall-offline-cmd', readFirewallCmd],
  ['pfctl', readPfctl],
]);

/** What comes behind them runs later. */
const DELAYS = /^(sleep|at|batch)$/;
/** Programs that only print or look at their arguments. */
const HARMLESS =
  /^(echo|printf|logger|wall|write|mail|mailx|notify-send|grep|test|\[|which|type|command|pgrep|curl|wget)$/;
const SHELLS = /^((ba|da|a|z|k|mk)?sh|su|eval)$/;

function changesOf(commandLine: string, depth = 0): Located[] {
  const found: Located[] = [];
  let printed: string | undefined;
  for (const command of simpleCommands(commandLine)) {
    const words = command.words.slice(command.words.findIndex((word) => !isPrefix(word)));
    const name = baseName(words[0] ?? '');
    if (found.length > 0 && (DELAYS.test(name) || words.some((word) => /^--on-active/.test(word)))) break;
    if (HARMLESS.test(name)) found.push(...readRecent(command));
    else found.push(...readCommand(words, printed, depth));
    printed = printedBy(command, name, words);
  }
  return found;
}

/** `echo +%IP% >/proc/net/xt_recent/NAME`, the list of iptables' match recent. */
function readRecent({ words, files }: SimpleCommand): Located[] {
  const list = files.find((file) => /^\/proc\/net\/(xt|ipt)_recent\//.test(file));
  const [, sign, address = ''] = /^([+-])(.*)$/s.exec(words.at(-1) ?? '') ?? [];
  if (list === undefined || sign === undefined) return [];
  return [
    { ...change({ adds: sign === '+' }, `recent ${list} ${address}`), isOwn: address.includes('%IP%') },
  ];
}

/** Reserved words and assignments. */
function isPrefix(word: string): boolean {
  return /^(if|then|else|elif|while|until|do|!|\{|time|exec|\w+=.*)$/s.test(word);
}

/** A firewall's program wherever it stands (sudo, nice, flock, ip netns exec ...), or a shell with a command line. */
function readCommand(words: readonly string[], stdin: string | undefined, depth: number): Located[] {
  for (const [at, word] of words.entries()) {
    const program = baseName(word).replace(/-(legacy|nft)(?=$|-)/, '');
    const read = PROGRAMS.get(program);
    if (read !== undefined) {
      const rest = words.slice(at + 1);
      const isOwn = [...rest, stdin].some((text) => text?.includes('%IP%'));
      return read(rest, program, stdin).map((made) => ({ ...made, isOwn }));
    }
    if (SHELLS.test(program) && depth < MAX_DEPTH)
      return readShell(program, words.slice(at + 1), stdin, depth);
  }
  return [];
}

const MAX_DEPTH = 3;

/** `sh -c 'COMMAND'`, `su -c 'COMMAND'`, `eval COMMAND`, `echo COMMAND | sh`. */
function readShell(program: string, words: readonly string[], stdin = '', depth: number): Located[] {
  if (program === 'eval') return changesOf(words.join(' '), depth + 1);
  const at = words.findIndex((word) => /^-\w*c$/.test(word) || word === '--command');
  return changesOf(at < 0 ? stdin : (words[at + 1] ?? ''), depth + 1);
}

function baseName(word: string): string {
  return word.slice(word.lastIndexOf('/') + 1);
}

/** What echo or printf writes into a pipe. */
function printedBy({ isPiped }: SimpleCommand, name: string, words: readonly string[]): string | undefined {
  if (!isPiped || !/^(echo|printf)$/.test(name)) return undefined;
  const text = words.slice(1).filter((word, at) => at > 0 || !/^-[neE]+$/.test(word));
  return text.join(' ').replaceAll('\\n', '\n');
}

/** What a client connects to; none where that is not clear, because one of several would be a guess. */
function tcpPorts(changes: readonly Change[]): number[] {
  const forwarding = changes.filter(({ forwards }) => forwards);
  const all = (forwarding.length > 0 ? forwarding : changes).flatMap(({ ports }) => ports);
  const tcp = all.filter(({ protocol, hasMore }) => protocol === 'tcp' && !hasMore);
  const chosen =
    tcp.length > 0
      ? all.filter(({ protocol }) => protocol === 'tcp')
      : all.filter(({ protocol }) => protocol !== 'udp');
  const ports = [...new Set(chosen.flatMap((each) => each.ports))];
  if (!chosen.some(({ hasMore }) => hasMore)) return ports;
  return ports.includes(SSH_PORT) ? [SSH_PORT] : [];
}
