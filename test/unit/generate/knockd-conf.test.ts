import { describe, expect, it } from 'vitest';
import { knockdConf } from '../../../src/generate/knockd-conf.ts';
import type { KnockdPlan } from '../../../src/generate/knockd-plan.ts';
import { parseSequence } from '../../../src/plan/sequence.ts';

const steps = parseSequence('7000 8000:udp 9000');
const plan: KnockdPlan = { open: { steps }, firewall: 'iptables' };

describe('knockdConf', () => {
  it("writes the article's door, for both families", () => {
    expect(knockdConf({ ...plan, interface: 'ens3' })).toBe(`\
# knockd.conf, by knockproxy: the secret of a door. Keep it readable by root only (mode 600).
# The interface must be up, with its addresses, before knockd starts.
[options]
  UseSyslog
  Interface = ens3

[openSSH]
  sequence = 7000:tcp,8000:udp,9000:tcp
  seq_timeout = 10
  tcpflags = syn
  start_command = /sbin/iptables -w -I INPUT 1 -s %IP% -p tcp --dport 22 -j ACCEPT
  start_command_6 = /sbin/ip6tables -w -I INPUT 1 -s %IP% -p tcp --dport 22 -j ACCEPT
  cmd_timeout = 10
  stop_command = /sbin/iptables -w -D INPUT -s %IP% -p tcp --dport 22 -j ACCEPT
  stop_command_6 = /sbin/ip6tables -w -D INPUT -s %IP% -p tcp --dport 22 -j ACCEPT
`);
  });

  it('writes nft commands that renew an element, one-time sequences, and a section that closes', () => {
    const closeSteps = parseSequence('1111 3333');
    const text = knockdConf({
      name: 'Git',
      open: { oneTimeFile: '/etc/knockd/git', pool: parseSequence('1 7000 8000:udp') },
      closeSteps,
      port: 2222,
      firewall: 'nftables',
      openS: 3600,
      seqTimeoutS: 15,
    });
    expect(text).toContain('  # Interface = eth0\n');
    expect(text).toContain(`\
[openGit]
  one_time_sequences = /etc/knockd/git
  seq_timeout = 15
  tcpflags = syn
  start_command = /usr/sbin/nft 'add element inet knockproxy open_v4 { %IP% . 2222 }; delete element inet knockproxy open_v4 { %IP% . 2222 }; add element inet knockproxy open_v4 { %IP% . 2222 timeout 3600s }'
  start_command_6 = /usr/sbin/nft 'add element inet knockproxy open_v6 {`);
    expect(text).toContain('[listenGit]\n  sequence = 2:udp,1:tcp,7000:tcp,8000:udp\n  seq_timeout = 1\n');
    expect(text).not.toContain('stop_command');
  });

  it.each(['iptables', 'nftables'] as const)('leaves the door open until it is closed, %s', (firewall) => {
    expect(knockdConf({ ...plan, firewall, openS: 0 })).not.toMatch(/stop_command|cmd_timeout|timeout \d/);
  });

  it.each<[string, Partial<KnockdPlan>, string]>([
    ['a name that ends a section', { name: 'a]' }, "the door's name"],
    ['an empty name', { name: '' }, "the door's name"],
    ['port 0', { port: 0 }, 'the hidden port'],
    ['a sequence time of 1 s', { seqTimeoutS: 1 }, 'from 2 to 3600'],
    ['a time that is no whole number', { openS: 0.5 }, 'from 0 to 86400'],
    ['an interface with a blank', { interface: 'eth 0' }, 'interface'],
    ['a relative one-time file', { open: { oneTimeFile: 'file', pool: steps } }, 'must be absolute'],
    ['a one-time file with a line end', { open: { oneTimeFile: '/a\nb', pool: steps } }, 'must be absolute'],
    ['no steps', { open: { steps: [] } }, '1 to 31 steps'],
    ['32 steps', { open: { steps: Array(32).fill(steps[0]) } }, '1 to 31 steps'],
    [
      'step 2 out of range',
      { open: { steps: [steps[0]!, { port: 65_536, protocol: 'tcp' }] } },
      'step 2 of the sequence',
    ],
    ['an icmp step', { open: { steps: parseSequence('7000,icmp:9000') } }, 'that knockd does not see'],
    ['a payload', { closeSteps: parseSequence('1,8000:udp:hex=9000') }, 'that knockd does not see'],
    ['the hidden port in the sequence', { port: 8000 }, 'contains the hidden port'],
    [
      'the hidden port in the close sequence',
      { closeSteps: parseSequence('22') },
      'the close sequence contains',
    ],
    ['a close sequence with the same first step', { closeSteps: parseSequence('7000 1') }, 'begin alike'],
    [
      'a close sequence that a one-time sequence may begin like',
      { open: { oneTimeFile: '/a', pool: steps }, closeSteps: parseSequence('9000 1') },
      'begin alike',
    ],
    ['a one-time file of no ports', { open: { oneTimeFile: '/a', pool: [] } }, 'the pool of the one-time'],
  ])('refuses %s', (_, extra, message) => {
    expect(() => knockdConf({ ...plan, ...extra })).toThrow(message);
    expect(() => knockdConf({ ...plan, ...extra })).not.toThrow(/7000|8000|9000|65536/);
  });
});
