import { describe, expect, it } from 'vitest';
import { iptablesFirewall, nftablesFirewall } from '../../../src/generate/firewall.ts';
import { type NftDoorOptions, nftDoor } from '../../../src/generate/nft-door.ts';
import { parseSequence } from '../../../src/plan/sequence.ts';

const allow = parseSequence('443 80 443 53:udp');
const rules = (text: string) => text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));

describe('iptablesFirewall', () => {
  it('keeps lo, known connections, DHCP and the allowed ports, and drops the rest', () => {
    expect(rules(iptablesFirewall(4, { allow }))).toEqual([
      '*filter',
      ':INPUT DROP [0:0]',
      '-F INPUT',
      '-A INPUT -i lo -j ACCEPT',
      '-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
      '-A INPUT -p udp --sport 67 --dport 68 -j ACCEPT',
      '-A INPUT -p tcp --dport 80 -j ACCEPT',
      '-A INPUT -p tcp --dport 443 -j ACCEPT',
      '-A INPUT -p udp --dport 53 -j ACCEPT',
      'COMMIT',
    ]);
  });

  it('keeps neighbour discovery for IPv6', () => {
    const text = iptablesFirewall(6);
    for (const type of ['neighbour-solicitation', 'neighbour-advertisement', 'router-advertisement', '130'])
      expect(text).toContain(`--icmpv6-type ${type} `);
  });

  it('says how to load it: the undo before the load, a second login before it is kept', () => {
    const text = iptablesFirewall(4);
    const order = [
      'stay logged in',
      'iptables-save',
      'sleep 180',
      '--noflush <',
      'second terminal',
      'rm /root/undo',
    ];
    expect(order.map((part) => text.indexOf(part))).toEqual(
      order.map((part) => text.indexOf(part)).sort((a, b) => a - b),
    );
    expect(text.indexOf('stay logged in')).toBeGreaterThan(0);
  });
});

describe('nftablesFirewall', () => {
  it('replaces its own table only', () => {
    const lines = rules(nftablesFirewall({ allow }));
    expect(lines.slice(0, 3)).toEqual([
      'add table inet knockproxy',
      'delete table inet knockproxy',
      'table inet knockproxy {',
    ]);
    expect(lines).toContain('    tcp dport { 80, 443 } accept');
    expect(lines).toContain('    udp dport { 53 } accept');
    expect(lines).toContain('    ip6 saddr . tcp dport @open_v6 accept');
  });
});

describe('nftDoor', () => {
  const steps = parseSequence('7000 8000:udp 9000');

  it('has a set for each step but the last, and a chain for each', () => {
    const text = nftDoor({ steps, openS: 30, stageS: 5 });
    expect(text.match(/^ {2}set \S+/gm)).toHaveLength(2 + 2 * 2);
    expect(text).toContain(
      'set knock2_v6 { type ipv6_addr; flags dynamic,timeout; timeout 5s; size 65535; }',
    );
    expect(text).toContain('set open_v4 { type ipv4_addr; flags dynamic,timeout; timeout 30s; size 65535; }');
    expect(text).toContain('tcp dport vmap { 7000 : goto knock_step1, 9000 : goto knock_step3 }');
    expect(text).toContain('udp dport vmap { 8000 : goto knock_step2 }');
  });

  it.each<[string, Partial<NftDoorOptions>, string]>([
    ['no steps', { steps: [] }, '1 to 31 steps'],
    ['a repeated step', { steps: parseSequence('7000 7000') }, 'must not repeat a port'],
    ['a close sequence of the same ports', { closeSteps: parseSequence('9000') }, 'must not repeat a port'],
    ['the hidden port as a step', { port: 7000 }, 'is an allowed port'],
    ['an allowed port as a step', { allow: parseSequence('8000:udp') }, 'is an allowed port'],
    ['port 0', { port: 0 }, 'the hidden port is not a port number'],
    ['no time', { openS: 0 }, 'from 1 to 86400'],
    ['half a second', { stageS: 0.5 }, 'from 1 to 3600'],
  ])('refuses %s', (_, extra, message) => {
    expect(() => nftDoor({ steps, ...extra })).toThrow(message);
  });

  it.each([
    ['icmp:64,icmp:64', 'must not repeat a port or an ICMP size'],
    ['icmp,icmp:56', 'must not repeat a port or an ICMP size'],
    ['8000:udp,8000:udp:size=64', 'must not repeat a port'],
  ])('refuses %s', (text, message) => {
    expect(() => nftDoor({ steps: parseSequence(text) })).toThrow(message);
  });

  it('matches the length of the whole packet, and a payload by 16 bytes', () => {
    const text = nftDoor({
      steps: parseSequence('icmp,icmp:0,7000:udp:size=0,8000:udp:text=0123456789abcdefg'),
    });
    const rules = [...text.matchAll(/^ *(.*) goto knock_step\d$/gm)].map(([, rule]) => rule);
    expect(rules).toEqual([
      'icmp type echo-request meta length 84',
      'icmpv6 type echo-request meta length 104',
      'icmp type echo-request meta length 28',
      'icmpv6 type echo-request meta length 48',
      'udp dport 7000 udp length 8',
      `udp dport 8000 udp length 25 @th,64,128 0x${Buffer.from('0123456789abcdef').toString('hex')} @th,192,8 0x67`,
    ]);
  });

  it('takes the same port with both protocols', () => {
    expect(nftDoor({ steps: parseSequence('7000 7000:udp') })).toContain('7000 : goto knock_step2');
  });
});
