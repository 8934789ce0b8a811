import { describe, expect, it } from 'vitest';
import { knockdConf } from '../../../src/generate/knockd-conf.ts';
import { ruleChange } from '../../../src/knockd/firewall-rule.ts';
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

describe('ruleChange', () => {
  it.each([
    [ADD, DELETE],
    ['iptables -w 5 -I INPUT 3 -p tcp -m tcp --dport 22 -s %IP% -j ACCEPT', `sudo -n ${DELETE}`],
    [
      '/usr/sbin/iptables-nft --insert INPUT --source %IP% --protocol tcp --destination-port 22 --jump ACCEPT',
      DELETE,
    ],
    [ADD, `while ${DELETE} 2>/dev/null; do :; done`],
    [`${ADD}; /usr/bin/logger in`, `${DELETE} && logger out`],
    [
      'iptables -I INPUT ! -s 10.0.0.1 -p tcp --dport 22 -j ACCEPT',
      'iptables -D INPUT -p tcp ! -s 10.0.0.1 --dport 22 -j ACCEPT',
    ],
    ["nft add element inet f ssh '{ %IP% . 22 timeout 10s }'", 'nft delete element inet f ssh { %IP% . 22 }'],
    ['ipset -exist add knocked %IP%,tcp:22 timeout 30', 'ipset del knocked %IP%,tcp:22'],
    [
      'ufw insert 1 allow from %IP% to any port 22 proto tcp',
      'ufw --force delete allow from %IP% to any port 22 proto tcp',
    ],
    [
      'firewall-cmd --timeout=60 --add-rich-rule=\'rule family="ipv4" source address="%IP%" port port=22 protocol=tcp accept\'',
      'firewall-cmd --remove-rich-rule=\'rule family="ipv4" source address="%IP%" port port=22 protocol=tcp accept\'',
    ],
  ])('sees that %j is undone by its counterpart', (open, close) => {
    expect(ruleChange(open)?.effect).toBe('opens');
    expect(ruleChange(close)?.effect).toBe('closes');
    expect(ruleChange(close)?.rule).toBe(ruleChange(open)?.rule);
    expect(ruleChange(open)?.ports).toEqual([22]);
  });

  it.each([
    ['iptables -D INPUT -p tcp --dport 22 -j DROP', 'opens'],
    ['iptables -A INPUT -p tcp --dport 22 -j REJECT --reject-with tcp-reset', 'closes'],
    ['ufw delete deny 22', 'opens'],
    ['ufw deny 22', 'closes'],
    ['/usr/local/sbin/knock_add -i -c INPUT -p tcp -d 443 -f %IP%', undefined],
    ['iptables -F', undefined],
    ['nft add rule inet f input tcp dport 22 accept', undefined],
    ['', undefined],
  ])('%j: %s', (command, effect) => {
    expect(ruleChange(command)?.effect).toBe(effect);
  });

  it.each([
    ['iptables -A INPUT -p tcp -m multiport --dports 22,443 -j ACCEPT', [22, 443]],
    ['iptables -A INPUT -p tcp --dport ssh -j ACCEPT', [22]],
    ['iptables -A INPUT -p tcp --dport 20:25 -j ACCEPT', []],
    ['iptables -A INPUT -s %IP% -j ACCEPT', []],
    ['ufw allow 22/tcp', [22]],
  ])('%j names ports %j', (command, expected) => {
    expect(ruleChange(command)?.ports).toEqual(expected);
  });
});

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
        ['away', DELETE.replace('ACCEPT', 'LOG')],
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
    ['sequence=1\ntimeout=0\ncommand=x', 'none at all'],
    ['sequence=1\ntcpflags=fin,!ack\ncommand=x', 'not those of a SYN'],
    ['sequence=1\ntarget=10.0.0.9\ncommand=x', 'another address'],
  ])('tells why %j cannot be opened', (options, problem) => {
    const [pair] = pairDoors(readKnockdConf(`[a]\n${options}`, 'conf').doors).pairs;
    expect(pair!.problems).toEqual([expect.stringMatching(/^door a: /)]);
    expect(pair!.problems[0]).toContain(problem);
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
