import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ARTICLE_SEQUENCE, type Bed } from '../../test/netns/index.ts';
import { compiled, programUnderTest } from './programs.ts';

/** A way to log in: the command line of a whole login that runs `true`. */
export interface Way {
  readonly name: string;
  readonly argv: readonly string[];
  /** Only for an open port. */
  readonly needsOpenPort?: boolean;
  /** Where knockproxy keeps what it learns. */
  readonly stateFolder?: string;
  /** Each login is the first: what was learned is taken away before it. */
  readonly forgets?: boolean;
}

/** How often a way that learns has logged in before it is measured. */
export const WARM_UP_LOGINS = 5;

/** Port of the article's first knock, a SYN. */
export const FIRST_PORT = Number.parseInt(ARTICLE_SEQUENCE[0]!, 10);

const STEPS = ARTICLE_SEQUENCE.join(' ');

/** Plain ssh, to an open port. */
export function plainSsh(bed: Bed): Way {
  return { name: 'plain ssh, open port', argv: ssh(bed.sshConfig()), needsOpenPort: true };
}

/** The article's bash recipe. @param lines of ssh's config. */
export function recipe(bed: Bed, lines: readonly string[] = []): Way {
  const login = ssh(bed.sshConfig({ lines })).join(' ');
  return { name: 'recipe', argv: ['bash', '-c', `${knock(bed.server.ip)}; exec ${login}`] };
}

/** The recipe inside of ssh's config: before a ProxyCommand's nc, and as Match exec. */
export function recipesInConfig(bed: Bed): Way[] {
  const { ip } = bed.server;
  const proxyCommand = `sh -c '${knock(ip)}; exec nc %h %p'`;
  const matchExec = `Match originalhost server exec "${knock(ip)}"`;
  return [
    { name: 'ProxyCommand knock+nc', argv: ssh(bed.sshConfig({ proxyCommand })) },
    { name: 'Match exec knock', argv: ssh(bed.sshConfig({ top: [matchExec] })) },
  ];
}

/** The C program that nothing can beat. */
export function limit(bed: Bed): Way {
  return { name: 'C limit', argv: ssh(bed.sshConfig({ proxyCommand: limitCommand() })) };
}

/** The same as ProxyCommand. */
export function limitCommand(): string {
  return `${compiled('limit')} %h %p ${STEPS}`;
}

export const KINDS = ['first contact', 'learned', 'fdpass'] as const;
export type Kind = (typeof KINDS)[number];

/** knockproxy run by that Node, as `kind`: the first login ever, a later one, a later one that passes its socket. */
export function knockproxy(bed: Bed, kind: Kind, node = process.execPath, label = ''): Way {
  const name = `knockproxy ${kind}${label}`;
  const folder = join(bed.dir, `state-${name.replace(/\W+/g, '-')}`);
  const proxyCommand = knockproxyCommand(bed, node, kind === 'fdpass' ? ' --fdpass' : '');
  const config = bed.sshConfig({ proxyCommand, proxyUseFdpass: kind === 'fdpass' });
  return { name, argv: ssh(config), stateFolder: folder, forgets: kind === 'first contact' };
}

/** A ProxyCommand of knockproxy for the article's door, which stands in a knock_config as a person writes it. */
export function knockproxyCommand(bed: Bed, node = process.execPath, options = ''): string {
  const doors = join(bed.dir, 'knock_config');
  writeFileSync(doors, `Host server\n    KnockSequence ${ARTICLE_SEQUENCE.join(',')}\n`, { mode: 0o600 });
  return `${node} ${programUnderTest()} -F ${bed.sshConfig()} --knock-config ${doors}${options} -- '%h' %p '%n' '%r'`;
}

/** The environment of a login; what knockproxy has learned is gone if the way forgets. */
export function environment({ stateFolder, forgets }: Omit<Way, 'argv'>): Record<string, string> {
  if (stateFolder === undefined) return {};
  if (forgets) rmSync(stateFolder, { recursive: true, force: true });
  return { XDG_STATE_HOME: stateFolder };
}

/** How long `node -e 0` takes is not ssh's business, but part of a criterion. */
export const emptyNode = (node = process.execPath) => [node, '-e', '0'];

function ssh(config: string): string[] {
  return ['ssh', '-F', config, 'server', 'true'];
}

function knock(ip: string): string {
  return `knock -d 100 ${ip} ${STEPS}; sleep 0.1`;
}
