import { describe, expect, it } from 'vitest';
import { sshPortOf } from '../../../src/cli/config/choose-port.ts';
import { ruleChange } from '../../../src/knockd/firewall/rule-change.ts';
import { simpleCommands } from '../../../src/knockd/firewall/shell.ts';
import { pairDoors } from '../../../src/knockd/pair-doors.ts';
import { readKnockdConf } from '../../../src/knockd/read-knockd-conf.ts';
import { SPELLINGS } from './spellings.ts';

/** Two sections whose names say nothing, and one that belongs to neither. */
function conf(open: string, close: string | undefined): string {
  const sections = [
    ['one', '1', open],
    ...(close === undefined ? [] : [['two', '2', close]]),
    ['x', '3', 'true'],
  ];
  return sections
    .map(([name, port, command]) => `[${name}]\nsequence=${port}\ncommand=${command}\n`)
    .join('');
}

describe.each(Object.entries(SPELLINGS))('%s', (_, spellings) => {
  it.each(spellings.map((spelling) => [spelling.open, spelling] as const))('%j', (open, { port, close }) => {
    const [pair] = pairDoors(readKnockdConf(conf(open, close), 'conf').doors).pairs;
    expect(sshPortOf(pair!) ?? 'ask').toBe(port);
    if (close !== undefined) expect(ruleChange(close)?.effect).toBe('closes');
    const takesNumber = close !== undefined && / handle /.test(close);
    expect(pair!.close?.name).toBe(close === undefined || takesNumber ? undefined : 'two');
  });
});

it('there are 60 spellings and more, of six firewalls', () => {
  expect(Object.keys(SPELLINGS)).toHaveLength(6);
  expect(Object.values(SPELLINGS).flat().length).toBeGreaterThan(60);
});

describe('ruleChange', () => {
  it.each([
    ['iptables -D INPUT -p tcp --dport 22 -j DROP', 'opens'],
    ['iptables -A INPUT -p tcp --dport 22 -j REJECT --reject-with tcp-reset', 'closes'],
    ['iptables -D INPUT -s %IP% -j ACCEPT; iptables -A INPUT -j DROP', 'closes'],
    ['iptables -I INPUT -s %IP% -j ACCEPT; iptables -D INPUT -j DROP', 'opens'],
    ['iptables -I INPUT -s %IP% -j ACCEPT; iptables -A INPUT -j DROP', 'opens'],
    ['iptables -C INPUT -s %IP% -j ACCEPT && iptables -D INPUT -s %IP% -j ACCEPT', 'closes'],
    ['nft flush set inet f knocked', 'closes'],
    ['ipset flush knocked', 'closes'],
    ['ufw delete 3', 'closes'],
    ['ufw --dry-run allow 22', undefined],
    ['ufw allow out 22', undefined],
    ['/usr/local/sbin/knock_add -i -c INPUT -p tcp -d 443 -f %IP%', undefined],
    ['logger iptables -A INPUT was run', undefined],
    ['echo iptables -D INPUT -s %IP% -j ACCEPT', undefined],
    ['iptables -F', undefined],
    ['iptables -nL | grep -q %IP%', undefined],
    ['systemctl start ssh', undefined],
    ['', undefined],
  ])('%j: %s', (command, effect) => {
    expect(ruleChange(command)?.effect).toBe(effect);
  });
});

describe('simpleCommands', () => {
  it.each([
    ['a "b c" d', ['a|b c|d']],
    ["a 'b;c' d\\ e", ['a|b;c|d e']],
    ['a;b&&c||d|e&f', ['a', 'b', 'c', 'd', 'e', 'f']],
    ['a >b 2>&1 c <d &>e', ['a|c']],
    ['a 2>/dev/null; b', ['a', 'b']],
    ['(a; b) # c', ['a', 'b']],
    ['a $(b | c; d) "e $(f ")") g"', ['a|$(b | c; d)|e $(f ")") g']],
    ['a `b|c` d', ['a|`b|c`|d']],
    ['a#b "c', ['a#b|c']],
    ["a '' b", ['a||b']],
    ['a "b\\"c\\d"', ['a|b"c\\d']],
  ])('%j', (line, expected) => {
    expect(simpleCommands(line).map(({ words }) => words.join('|'))).toEqual(expected);
  });
});
