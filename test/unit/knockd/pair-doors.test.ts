import { describe, expect, it } from 'vitest';
import { knockdConf } from '../../../src/generate/knockd-conf.ts';
import { pairDoors } from '../../../src/knockd/pair-doors.ts';
import { readKnockdConf } from '../../../src/knockd/read-knockd-conf.ts';
import { parseSequence } from '../../../src/plan/sequence.ts';

/** `open>close` for each pair, then the closers left over. */
function pairs(...doors: [name: string, command: string][]): string {
  const text = doors.map(([name, command]) => `[${name}]\nsequence=1\nstart_command=${command}\n`).join('');
  const { pairs: found, unpaired } = pairDoors(readKnockdConf(text, 'conf').doors);
  return [
    ...found.map(({ open, close }) => `${open.name}>${close?.name ?? ''}`),
    ...unpaired.map(({ name }) => name),
  ].join(' ');
}

const ADD = '/sbin/iptables -A INPUT -s %IP% -p tcp --dport 22 -j ACCEPT';
const DELETE = '/sbin/iptables -D INPUT -s %IP% -p tcp --dport 22 -j ACCEPT';

describe('pairDoors', () => {
  it.each<[string, [string, string][], string]>([
    [
      "Debian's stock pair",
      [
        ['openSSH', ADD],
        ['closeSSH', DELETE],
      ],
      'openSSH>closeSSH',
    ],
    [
      'the rule before the name',
      [
        ['openA', ADD],
        ['closeA', DELETE.replace('22', '80')],
        ['x', DELETE],
      ],
      'openA>x closeA',
    ],
    [
      'names where commands tell nothing',
      [
        ['open-a', 'a'],
        ['open-b', 'b'],
        ['close-b', 'c'],
        ['a-close', 'd'],
      ],
      'open-a>a-close open-b>close-b',
    ],
    [
      'names that end in what they do',
      [
        ['SSHopen', 'a'],
        ['SSHclose', 'b'],
        ['web_on', 'c'],
        ['web_off', 'd'],
        ['allow-x', 'e'],
        ['deny-x', 'f'],
        ['startY', 'g'],
        ['stopY', 'h'],
      ],
      'SSHopen>SSHclose web_on>web_off allow-x>deny-x startY>stopY',
    ],
    [
      'commands that say it',
      [
        ['a', '/opt/fw.sh on %IP%'],
        ['b', '/opt/fw.sh off %IP%'],
        ['c', '/root/mail-open'],
        ['d', '/root/mail-close'],
        ['e', 'systemctl start ssh'],
        ['f', 'systemctl stop ssh'],
      ],
      'a>b c>d e>f',
    ],
    [
      'a name without open',
      [
        ['SSH', 'a'],
        ['closeSSH', 'b'],
      ],
      'SSH>closeSSH',
    ],
    [
      'the only one left',
      [
        ['ssh', ADD],
        ['away', DELETE.replace('ACCEPT', 'KNOCKED')],
      ],
      'ssh>away',
    ],
    ['no closer', [['opencloseSSH', 'a']], 'opencloseSSH>'],
    ['a closer of nothing', [['closeSSH', DELETE]], 'closeSSH'],
    ['a name that the command belies', [['closedDoor', ADD]], 'closedDoor>'],
  ])('finds %s', (_, doors, expected) => {
    expect(pairs(...doors)).toBe(expected);
  });

  it.each(['iptables', 'nftables'] as const)('finds the pair of our own knockd.conf for %s', (firewall) => {
    const [open, closeSteps] = [parseSequence('1 2:udp'), parseSequence('3 4')];
    const text = knockdConf({ open: { steps: open }, closeSteps, firewall, port: 2222 });
    const { pairs: found, unpaired } = pairDoors(readKnockdConf(text, 'conf').doors);
    expect(unpaired).toEqual([]);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ ports: [2222], problems: [] });
    expect(found[0]!.open.steps).toEqual(open);
    expect(found[0]!.close!.steps).toEqual(closeSteps);
  });

  it.each([
    ['sequence=1,x\ncommand=x', 'port 0'],
    [`sequence=${Array(32).fill(1)}\ncommand=x`, 'more than 31 steps'],
    ['one_time_sequences=/x\nsequence=1\ncommand=x', 'both a sequence and a one-time file'],
    ['sequence=1\ntimeout=0\ncommand=x', 'its seq_timeout is 0'],
    ['sequence=1\ntcpflags=fin,!ack\ncommand=x', 'not those of a SYN'],
    ['sequence=1\ntarget=10.0.0.9\ncommand=x', 'another address'],
  ])('tells why %j cannot be opened', (options, problem) => {
    const [pair] = pairDoors(readKnockdConf(`[a]\n${options}`, 'conf').doors).pairs;
    expect(pair!.problems).toEqual([expect.stringMatching(/^door a: /)]);
    expect(pair!.problems[0]).toContain(problem);
  });

  it.each([
    ['tcpflags = fin', 'its tcpflags are not those of a SYN'],
    ['target = 10.0.0.9', 'another address (target)'],
    [`sequence = ${Array(32).fill(2)}`, 'more than 31 steps'],
    [
      'sequence = 1,3,2',
      'knockd 0.8 never completes it: openSSH, earlier in the file, begins with the same step',
    ],
    ['acl = x', 'line 6: knockd 0.8 has no option acl'],
  ])('leaves out a closer that cannot be knocked, and says why: %j', (option, reason) => {
    const text = `[openSSH]\nsequence=1,2,3\ncommand=${ADD}\n[closeSSH]\nsequence=2\n${option}\ncommand=${DELETE}`;
    const [pair] = pairDoors(readKnockdConf(text, 'conf').doors).pairs;
    expect(pair).toMatchObject({ open: { name: 'openSSH' }, ports: [22], problems: [] });
    expect(pair!.close).toBeUndefined();
    expect(pair!.notes).toEqual([expect.stringMatching(/^door closeSSH, which closes it, cannot be used: /)]);
    expect(pair!.notes[0]).toContain(reason);
  });

  it('says that one sequence both opens and closes, and which command runs beside', () => {
    const text = (close: string) =>
      `[openSSH]\nsequence=1,2\ncommand=${ADD}\n[other]\nsequence=1,2\ncommand=${close}`;
    const [shared] = pairDoors(readKnockdConf(text(DELETE), 'conf').doors).pairs;
    expect(shared!.problems).toEqual([
      'door openSSH: other has the same sequence, so knockd closes it as it opens',
    ]);
    const both = pairDoors(readKnockdConf(text(ADD.replace('22', '443')), 'conf').doors).pairs;
    expect(both.map(({ problems, notes }) => [problems, notes])).toEqual([
      [[], ['the same knocks run the command of other too']],
      [[], ['the same knocks run the command of openSSH too']],
    ]);
  });

  it('says that a door is hidden behind one with the same first step', () => {
    const text = `[web]\nsequence=1,2,3,4\ncommand=true\n[ssh]\nsequence=1,5,6\ncommand=${ADD}`;
    const [, ssh] = pairDoors(readKnockdConf(text, 'conf').doors).pairs;
    expect(ssh!.problems).toEqual([
      'door ssh: knockd 0.8 never completes it: web, earlier in the file, begins with the same step',
    ]);
  });

  it('leaves out sections that run nothing', () => {
    expect(pairs(['openSSH', ADD], ['listenSSH', ''])).toBe('openSSH>');
  });

  it('has nothing against a door of UDP knocks with odd flags, or of a SYN without others', () => {
    for (const options of ['sequence=1:udp\ntcpflags=fin', 'sequence=1\ntcpflags=syn,!ack']) {
      expect(
        pairDoors(readKnockdConf(`[a]\n${options}\ncommand=x`, 'conf').doors).pairs[0]!.problems,
      ).toEqual([]);
    }
  });
});
