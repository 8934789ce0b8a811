import { formatSequence } from '../plan/format-sequence.ts';
import type { Step } from '../plan/sequence.ts';
import { type OpenCommands, openCommands } from './firewall-commands.ts';
import { type CheckedPlan, checkPlan, type KnockdPlan } from './knockd-plan.ts';

/**
 * A knockd.conf for one door, for IPv4 and IPv6, as knockd 0.8 reads it (knockd.c: parseconfig, process_attempt).
 * With nftables it needs the sets of nftablesFirewall().
 *
 * @throws KnockproxyError (exit status 2) as checkPlan.
 */
export function knockdConf(given: KnockdPlan): string {
  const plan = checkPlan(given);
  const commands = [openCommands(plan.firewall, 4, plan), openCommands(plan.firewall, 6, plan)] as const;
  return [header(plan), ...doorSections(plan, commands)].join('\n');
}

/** The sections of one door, with the commands for IPv4 and IPv6. */
export function doorSections(plan: CheckedPlan, [v4, v6]: readonly [OpenCommands, OpenCommands]): string[] {
  const { name, open, closeSteps } = plan;
  const sections = [
    section(`open${name}`, plan, {
      sequence: 'steps' in open ? fixed(open.steps) : `one_time_sequences = ${open.oneTimeFile}`,
      commands: [...commands('start', v4.start, v6.start), ...stop(v4, v6, plan)],
    }),
  ];
  if (closeSteps !== undefined) {
    const close = { sequence: fixed(closeSteps), commands: commands('start', v4.close, v6.close) };
    sections.push(section(`close${name}`, plan, close));
  }
  if ('pool' in open) sections.push(listener(plan, open.pool));
  return sections;
}

function header({ interface: device }: CheckedPlan): string {
  return [
    '# knockd.conf, by knockproxy: the secret of a door. Keep it readable by root only (mode 600).',
    '# The interface must be up, with its addresses, before knockd starts.',
    '[options]',
    '  UseSyslog',
    device === undefined ? '  # Interface = eth0' : `  Interface = ${device}`,
    '',
  ].join('\n');
}

/** Without `tcpflags = syn` an RST or ACK to a knock port would count as a knock too. */
function section(
  name: string,
  { seqTimeoutS }: { seqTimeoutS: number },
  body: { sequence: string; commands: readonly string[] },
): string {
  const lines = [body.sequence, `seq_timeout = ${seqTimeoutS}`, 'tcpflags = syn', ...body.commands];
  return `${[`[${name}]`, ...lines.map((line) => `  ${line}`)].join('\n')}\n`;
}

function fixed(steps: readonly Step[]): string {
  return `sequence = ${formatSequence(steps)}`;
}

function commands(kind: 'start' | 'stop', v4: string, v6: string): string[] {
  return [`${kind}_command = ${v4}`, `${kind}_command_6 = ${v6}`];
}

function stop(v4: OpenCommands, v6: OpenCommands, { openS }: CheckedPlan): string[] {
  if (v4.stop === undefined || v6.stop === undefined) return [];
  return [`cmd_timeout = ${openS}`, ...commands('stop', v4.stop, v6.stop)];
}

/**
 * After a one-time sequence knockd 0.8 captures the ports of the next one on IPv4 only: process_attempt renews
 * pcap_filter_exp and forgets pcap_filter_expv6, so the second sequence never opens over IPv6. It captures all ports
 * of any section: this one has every port of the file, does nothing, and never starts, because
 * its first port is in no sequence.
 */
function listener({ name, closeSteps = [], port }: CheckedPlan, pool: readonly Step[]): string {
  const used = new Set([...pool, ...closeSteps].map((step) => step.port).concat(port));
  let unused = 1;
  while (used.has(unused)) unused += 1;
  const sequence = fixed([{ port: unused, protocol: 'udp' }, ...pool]);
  const why = '# Opens nothing: makes knockd 0.8 capture all one-time sequences on IPv6.\n';
  return why + section(`listen${name}`, { seqTimeoutS: 1 }, { sequence, commands: [] });
}
