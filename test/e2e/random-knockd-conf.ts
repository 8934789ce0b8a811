import { writeFileSync } from 'node:fs';
import type { KnockdPlan } from '../../src/generate/knockd-plan.ts';
import { oneTimeSequences } from '../../src/generate/one-time-list.ts';
import { randomSequence } from '../../src/generate/random-sequence.ts';
import type { Random } from '../model/random.ts';

/** Any door `generate` may write; a one-time file is written too. */
export function randomPlan(random: Random, oneTimeFile: string): KnockdPlan & { port: number } {
  const below = (limit: number) => random.int(0, limit - 1);
  const steps = randomSequence(below, { count: random.int(1, 31), min: random.int(1024, 60_000) });
  const exclude = steps.map(({ port }) => port);
  const once = random.chance(0.2);
  const closeSteps = randomSequence(below, { count: random.int(1, 31), exclude });
  const oneTime = oneTimeSequences(below, 3, {
    count: random.int(1, 12),
    exclude: closeSteps.map(({ port }) => port),
  });
  if (once) writeFileSync(oneTimeFile, oneTime.text);
  return {
    name: random.pick(['SSH', 'Git-2', '_', 'a.b', 'closed']),
    open: once ? { oneTimeFile, pool: oneTime.pool } : { steps },
    ...(random.chance(0.5) && { closeSteps }),
    port: random.int(1, 1023),
    firewall: random.pick(['iptables', 'nftables'] as const),
    seqTimeoutS: random.int(2, 3600),
    openS: random.int(0, 3),
    ...(random.chance(0.5) && { interface: random.pick(['eth0', 'enp1s0.7', 'br-lan']) }),
  };
}

/** Lines that knockd takes, mostly, and now and then something a person gets wrong. */
export function messyConf(random: Random, oneTimeFile: string): string {
  const lines = ['[options]', '  UseSyslog'];
  for (let doors = random.int(1, 3); doors > 0; doors--) {
    lines.push(
      random.pick(['[a]', '[openSSH]', '\t[ b ] ', '[Options]', `[${'n'.repeat(random.int(120, 300))}]`]),
    );
    lines.push(`sequence=${messySequence(random)}`);
    for (let options = random.int(0, 6); options > 0; options--) lines.push(messyOption(random, oneTimeFile));
    if (random.chance(0.07)) lines.splice(random.int(0, lines.length), 0, random.pick(ODD));
  }
  const end = random.pick(['\n', '\r\n', ' \n']);
  return lines.join(end) + random.pick(['', end]);
}

function messySequence(random: Random): string {
  const step = () =>
    random.pick(['7000', '8000:udp', ' 9000 : TCP ', '10000:Udp', '1', '65535 x', '-2', '', '7:tcp:x']);
  const last = random.pick([
    '',
    '',
    '',
    ' # three',
    ',70000',
    ':icmp',
    ':',
    ',4294967296',
    ',99999999999999999999',
  ]);
  return random.times(random.int(1, random.chance(0.05) ? 34 : 5), step).join(',') + last;
}

function messyOption(random: Random, oneTimeFile: string): string {
  const key = random.pick([
    'seq_timeout',
    'Timeout',
    'COMMAND',
    'start_command',
    'start_command_6',
    'Command_6',
    'stop_command',
    'stop_command_6',
    'cmd_timeout',
    'target',
    'tcpflags',
    'one_time_sequences',
    'sequence',
    '#',
    'usesyslog',
  ]);
  if (key === 'usesyslog') return random.pick([key, 'UseSyslog ', '\vUSESYSLOG']);
  const value = {
    tcpflags: random.pick(['syn', 'SYN,!ack', 'fin,!ack,urg', 'psh,rst,!psh', 'syn', 'syn, ack', '']),
    one_time_sequences: oneTimeFile,
    sequence: '1,2:udp',
  }[key];
  const text = random.pick([
    '5',
    '12 # x',
    '-3',
    'x',
    '',
    'a=b',
    '/sbin/x "%IP%"  y',
    '0x7',
    '99999999999',
    `${'z'.repeat(4000)}`,
  ]);
  const blank = () => random.pick(['', ' ', '\t', ' \f ']);
  return `${blank()}${key}${blank()}=${blank()}${value ?? text}${blank()}`;
}

const ODD = [
  '[]',
  '; comment',
  'sequence 7000',
  '[a] # x',
  'interface = eth0',
  'tcp flags = syn',
  `# ${'x'.repeat(4200)}`,
  `${' '.repeat(4095)}# x`,
  `x=${' '.repeat(5000)}`,
  '\ufeff',
  'target=1.2.3.4\0junk',
  '[options]\nPidFile=/x',
  '[options]\nsequence=1',
  '=',
  '[',
  ']',
];
