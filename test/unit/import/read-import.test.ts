import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { nftDoor } from '../../../src/generate/nft-door.ts';
import type { ImportedDoor } from '../../../src/import/imported-door.ts';
import { readImport } from '../../../src/import/read-import.ts';
import { formatSequence } from '../../../src/plan/format-sequence.ts';
import { parseSequence } from '../../../src/plan/sequence.ts';

const EXAMPLES = path.join(import.meta.dirname, '../../../examples/server');

const ROUTEROS = `# 2026-11-26 by RouterOS 7.15
/ip firewall filter
add action=accept chain=input connection-state=established,related
add action=add-src-to-address-list address-list=knock1 address-list-timeout=\\
    15s chain=input comment="say \\"please\\"" dst-port=17001 protocol=tcp
add action=add-src-to-address-list address-list=knock2 address-list-timeout=15s \\
    chain=input packet-size=128 protocol=icmp src-address-list=knock1
add action=add-src-to-address-list address-list=secured address-list-timeout=1m \\
    chain=input dst-port=17003 packet-size=92 protocol=udp src-address-list=knock2
add action=accept chain=input dst-port=2222 protocol=tcp src-address-list=secured
add action=accept chain=input dst-port=8291 protocol=tcp src-address-list=secured
`;

/** One set for all steps, as in the wiki of nftables. */
const NFT_CANDIDATES = `define guarded_ports = {ssh}
table inet portknock {
  set clients_ipv4 { type ipv4_addr; flags timeout; }
  set candidates_ipv4 { type ipv4_addr . inet_service; flags timeout; }
  chain input {
    type filter hook input priority -10; policy accept;
    tcp dport 17001 add @candidates_ipv4 {ip saddr . 17002 timeout 1s}
    tcp dport 17002 ip saddr . tcp dport @candidates_ipv4 add @candidates_ipv4 {ip saddr . 17003 timeout 1s}
    tcp dport 17003 ip saddr . tcp dport @candidates_ipv4 add @clients_ipv4 {ip saddr timeout 10s}
    tcp dport 17003 ip6 saddr . tcp dport @candidates_ipv6 add @clients_ipv6 {ip6 saddr timeout 10s}
    tcp dport $guarded_ports ip saddr @clients_ipv4 counter accept
    tcp dport $guarded_ports counter reject with tcp reset
  }
}
`;

const NFT_SETS = `table ip knock {
  chain input {
    tcp dport 17001 add @one { ip saddr timeout 5s } drop
    ip saddr @one udp dport 17002 update @two { ip saddr }
    ip saddr @two tcp dport { 22, 2222 } accept
  }
}
`;

/** Chains that require a list by the rule which jumps to them. */
const RECENT = `*filter
:GATE2 - [0:0]
-A INPUT -m recent --rcheck --seconds 30 --name AUTH2 --rsource -j PASSED
-A INPUT -m recent --rcheck --seconds 10 --name AUTH1 --rsource -j GATE2
-A INPUT -j GATE1
-A GATE1 -p tcp -m tcp --dport 17001 -m recent --set --name AUTH1 --rsource -j DROP
-A GATE1 -j DROP
-A GATE2 -m recent --remove --name AUTH1 --rsource
-A GATE2 -p udp -m udp --dport 17002 -m recent --set --name AUTH2 --rsource -j DROP
-A GATE2 -j GATE1
-A PASSED -m recent --remove --name AUTH2 --rsource
-A PASSED -p tcp -m tcp --dport 22 -j ACCEPT
COMMIT
`;

const KNOCK_ON_PORTS = JSON.stringify({
  version: 1,
  sequences: [
    {
      name: 'Büro',
      host: 'gw.example',
      delay: 300,
      icmp_type: 'with_ip_header',
      steps: [
        { type: 'udp', port: 17001, content: 'aGk=', encoding: 'base64' },
        { type: 'icmp', icmp_size: 64, icmp_count: 2 },
        { type: 'tcp', port: 17002 },
        { type: 'udp', port: 17003 },
      ],
    },
  ],
});

const LEGACY = JSON.stringify([
  {
    name: 'old',
    steps: [
      { type: 1, port: 17001 },
      { type: 0, port: 17002, content: '6869', encoding: 2 },
    ],
  },
]);

const SCRIPT = `#!/bin/sh
# knock commented.example 1 2 3
knock -u -d 300 gw.example 17001 17002:tcp \\
  17003 && ssh -p 2222 gw.example
`;

const NMAP = `for x in 17001 17002 17003; do
  nmap -Pn --host-timeout 201 --max-retries 0 -p $x gw.example; done
ssh gw.example
`;

const ACCESS = `# access.conf
SOURCE                  ANY;
OPEN_PORTS              tcp/2222, udp/53;
KEY_BASE64              a2V5;
HMAC_KEY_BASE64         aG1hYw==;
REQUIRE_SOURCE_ADDRESS  Y;

SOURCE: 192.0.2.0/24
KEY: pass phrase
HMAC_KEY: other
`;

const describeDoor = ({ name, secret, ports, delayMs, problems, notes }: ImportedDoor) => ({
  name,
  secret: secret.kind === 'sequence' ? formatSequence(secret.steps) : secret,
  ports,
  ...(delayMs !== undefined && { delayMs }),
  problems,
  notes,
});
const hex = (text: string) => Buffer.from(text).toString('hex');
const FINE = { ports: [], problems: [], notes: [] };
const latin1 = (text: string) => Buffer.from(text).toString('latin1');

/** ICMP, sizes and payloads; a chain a step, which the rules of another chain lead to. */
const NFT_PACKETS = `table inet knock {
  chain one { update @one { ip saddr } drop
  }
  chain two {
    ip saddr @one update @two { ip saddr } drop
    ip6 saddr @one update @two6 { ip6 saddr } drop
  }
  chain input {
    ip saddr @four tcp dport 22 accept
    udp dport vmap { 17001 : goto one, 17009 : drop }
    icmp type echo-request meta length 128 goto two
    icmpv6 type echo-request meta length 148 goto two
    ip saddr @two udp dport 17003 udp length 12 @th,64,16 0x6b add @three { ip saddr timeout 5s }
    ip saddr @three udp dport 17004 @ih,0,24 0x6b6e6f add @four { ip saddr timeout 5s }
  }
}
`;

/** As iptables-save prints it, and commands in a script. */
const RECENT_PACKETS = `*filter
-A INPUT -p icmp -m icmp --icmp-type 8 -m length --length 128 -m recent --set --name ONE --mask 255.255.255.255 --rsource -j DROP
-A INPUT -p udp -m udp --dport 17002 -m length --length 92 -m recent --rcheck --name ONE --rsource -m recent --set --name TWO --rsource
-A INPUT -p udp -m udp --dport 17003 -m string --string "open \\"it" --algo bm --from 30 --to 65535 -m recent --rcheck --name TWO -m recent --set --name THREE
-A INPUT -p udp -m udp --dport 17004 -m length --length 34 -m string --hex-string "a|0d 0a|b" --algo kmp -m recent --rcheck --name THREE -m recent --set --name FOUR
-A INPUT -p tcp -m tcp --dport 22 -m recent --rcheck --seconds 10 --name FOUR --rsource -j ACCEPT
`;

/** What a file is read as, and its doors. */
const READ: readonly (readonly [name: string, text: string, format: string, doors: readonly object[]])[] = [
  [
    'RouterOS, ICMP and UDP sizes less the headers',
    ROUTEROS,
    'a RouterOS export',
    [{ ...FINE, name: 'secured', secret: '17001:tcp,icmp:100,17003:udp:size=64', ports: [2222, 8291] }],
  ],
  [
    'nftables, one set for all steps',
    NFT_CANDIDATES,
    'an nftables ruleset',
    [{ ...FINE, name: 'clients_ipv4', secret: '17001:tcp,17002:tcp,17003:tcp', ports: [22] }],
  ],
  [
    'nftables, a set a step',
    NFT_SETS,
    'an nftables ruleset',
    [{ ...FINE, name: 'two', secret: '17001:tcp,17002:udp', ports: [22, 2222] }],
  ],
  [
    'iptables, a chain a step',
    RECENT,
    'an iptables ruleset',
    [{ ...FINE, name: 'AUTH2', secret: '17001:tcp,17002:udp', ports: [22] }],
  ],
  [
    'nftables, ICMP and payloads, by chains',
    NFT_PACKETS,
    'an nftables ruleset',
    [
      {
        ...FINE,
        name: 'four',
        secret: '17001:udp,icmp:100,17003:udp:hex=006b0000,17004:udp:hex=6b6e6f',
        ports: [22],
      },
    ],
  ],
  [
    'iptables, ICMP and payloads',
    RECENT_PACKETS,
    'an iptables ruleset',
    [
      {
        ...FINE,
        name: 'FOUR',
        secret: `icmp:100,17002:udp:size=64,17003:udp:hex=0000${hex('open "it')},17004:udp:hex=610d0a620000`,
        ports: [22],
      },
    ],
  ],
  [
    'ip6tables, whose headers are larger',
    RECENT_PACKETS.replace(
      '-p icmp -m icmp --icmp-type 8 -m length --length 128',
      '-p ipv6-icmp --icmpv6-type 128 -m length --length 148',
    )
      .replace('--length 92', '--length 112')
      .replace('--length 34', '--length 54')
      .replace('--from 30', '--from 50'),
    'an iptables ruleset',
    [
      {
        ...FINE,
        name: 'FOUR',
        secret: `icmp:100,17002:udp:size=64,17003:udp:hex=0000${hex('open "it')},17004:udp:hex=610d0a620000`,
        ports: [22],
      },
    ],
  ],
  [
    'Knock on Ports',
    latin1(KNOCK_ON_PORTS),
    'a Knock on Ports export',
    [
      {
        ...FINE,
        name: 'Büro',
        secret: '17001:udp:hex=6869,icmp:56,icmp:56,17002:tcp,17003:udp:size=0',
        delayMs: 300,
        notes: ['it knocks on gw.example: HostName, or KnockHost'],
      },
    ],
  ],
  [
    'Knock on Ports before 2.0',
    LEGACY,
    'a Knock on Ports export',
    [{ ...FINE, name: 'old', secret: '17001:tcp,17002:udp:hex=6869' }],
  ],
  [
    'a script with knock',
    SCRIPT,
    'a script that knocks',
    [
      {
        ...FINE,
        name: 'gw.example',
        secret: '17001:udp,17002:tcp,17003:udp',
        delayMs: 300,
        notes: ['the command knocks on gw.example'],
      },
    ],
  ],
  [
    'a script with nmap',
    NMAP,
    'a script that knocks',
    [
      {
        ...FINE,
        name: 'gw.example',
        secret: '17001:tcp,17002:tcp,17003:tcp',
        notes: ['the command knocks on gw.example'],
      },
    ],
  ],
  [
    'access.conf',
    ACCESS,
    'access.conf of fwknopd',
    [
      {
        ...FINE,
        name: 'stanza 1',
        secret: {
          kind: 'spa',
          keyLines: ['KEY_BASE64 a2V5', 'HMAC_KEY_BASE64 aG1hYw=='],
          needsAddress: true,
        },
        ports: [2222],
      },
      {
        ...FINE,
        name: 'stanza 2',
        secret: {
          kind: 'spa',
          keyLines: ['KEY_BASE64 cGFzcyBwaHJhc2U=', 'HMAC_KEY_BASE64 b3RoZXI='],
          needsAddress: false,
        },
        notes: ['fwknopd accepts packets for this stanza from some addresses only (SOURCE)'],
      },
    ],
  ],
];

/** A text that is not understood in one place, and what is said of it. */
const NOT_UNDERSTOOD: readonly (readonly [name: string, text: string, problem: string])[] = [
  [
    'a range of RouterOS',
    ROUTEROS.replace('17003', '17003-17010'),
    'file line 8: a knock rule must have exactly one dst-port',
  ],
  [
    'content of RouterOS',
    ROUTEROS.replace('packet-size=92', 'content=x'),
    'file line 8: content in a knock rule',
  ],
  [
    'a loop of RouterOS',
    ROUTEROS.replace('17001 protocol=tcp', '17001 protocol=tcp src-address-list=knock2'),
    'file line 10: the lists that lead here form a loop',
  ],
  ...(
    [
      ['icmp type echo-request', 'icmp type echo-reply', '11: only the type echo-request'],
      ['meta length 128', 'meta length 100-200', '11: a range of lengths'],
      ['meta length 128', 'meta length > 100', '11: a range of lengths'],
      ['meta length 128', 'meta length 20', '11: no packet has this length'],
      ['udp length 12', 'udp length 9', '13: the content does not fit'],
      ['udp length 12', 'udp length 12 meta length 41', '13: the lengths in this rule contradict'],
      ['@th,64,16', '@th,0,16', '13: this match on the content'],
      ['@th,64,16', '@nh,64,16', '13: this match on the content'],
      ['@th,64,16', '@th,64,16 & 0xff ==', '13: this match on the content'],
      ['@ih,0,24 0x6b6e6f', '@ih,0,16 0x6b6e @ih,24,8 0x6f', '14: this match on the content'],
      ['17001 : goto', '17001-17005 : goto', '10: a knock rule must match exactly one port'],
      ['udp dport 17004', 'udp sport 53 udp dport 17004', '14: a match on the source port'],
      ['udp dport 17004', 'tcp dport 17004', '14: a match on the length or content of a tcp knock'],
      ['udp dport 17004', '', '14: a knock rule must match a tcp or udp port'],
    ] as const
  ).map(
    ([from, to, problem]) =>
      [`nftables, ${to}`, NFT_PACKETS.replace(from, to), `file line ${problem}`] as const,
  ),
  ...(
    [
      ['--icmp-type 8', '--icmp-type 0', '2: only the type echo-request'],
      ['--length 128', '--length 100:200', '2: a range of lengths'],
      ['--length 128', '! --length 128', '2: a range of lengths'],
      ['--length 92', '--length 27', '3: no packet has this length'],
      ['--length 34', '--length 31', '5: the content does not fit'],
      ['--to 65535', '--to 36', '4: the rule looks for the content where none fits'],
      ['--string "', '! --string "', '4: this match on the content'],
      ['|0d 0a|', '|0d 0|', '5: this match on the content'],
      [
        '-p udp -m udp --dport 17004',
        '-p tcp --dport 17004',
        '5: a match on the length or content of a tcp knock',
      ],
      ['--dport 17002', '--dport 17002 --sport 53', '3: a match on the source port'],
      ['--dport 17002', '--dport 17002 -m u32 --u32 x', '3: a match on the content of a knock by u32'],
    ] as [string, string, string][]
  ).map(
    ([from, to, problem]) =>
      [`iptables, ${to}`, RECENT_PACKETS.replace(from, to), `file line ${problem}`] as const,
  ),
  [
    'a variable of a script',
    SCRIPT.replace('17001', '$P1'),
    'file line 3: the ports of this command are in a variable',
  ],
  [
    'a step of Knock on Ports without port',
    KNOCK_ON_PORTS.replace('17002', '0').replace('ü', 'ue'),
    'file: Buero: step 3 has no port',
  ],
  ['GPG of fwknopd', 'SOURCE ANY\nGPG_DECRYPT_ID 12\n', 'file line 1: this stanza accepts GPG packets only'],
  ['a stanza without HMAC', 'SOURCE ANY\nKEY a\n', 'file line 1: this stanza has no HMAC_KEY_BASE64'],
  [
    'a user name of fwknopd',
    `${ACCESS}REQUIRE_USERNAME bob\n`,
    'file line 8: this stanza requires a user name',
  ],
];

describe('readImport', () => {
  it.each(READ)('reads %s', (_, text, format, doors) => {
    const found = readImport(text, 'file');
    expect(found.format).toBe(format);
    expect(found.doors.map(describeDoor)).toEqual(doors);
  });

  it.each(['mikrotik/knock.rsc', 'recent/iptables.rules', 'recent/ip6tables.rules'])(
    'reads the sequence of examples/server/%s',
    (name) => {
      const [door, ...others] = readImport(readFileSync(path.join(EXAMPLES, name), 'latin1'), name).doors;
      expect(others).toEqual([]);
      expect(describeDoor(door!)).toMatchObject({
        secret: '41373:tcp,17895:tcp,18101:udp,52948:tcp',
        ports: [22],
        problems: [],
      });
    },
  );

  it.each([
    ['payload/iptables.rules', '6f70656e20736573616d65'],
    ['payload/ip6tables.rules', '6f70656e20736573616d65'],
    ['payload/knockproxy.nft', '6f70656e20736573616d65'],
  ])('reads ICMP and payloads of examples/server/%s', (name, payload) => {
    const [door, ...others] = readImport(readFileSync(path.join(EXAMPLES, name), 'latin1'), name).doors;
    expect(others).toEqual([]);
    expect(describeDoor(door!)).toMatchObject({
      secret: `41373:tcp,icmp:300,18101:udp:size=64,52948:udp:hex=${payload}`,
      ports: [22],
      problems: [],
      notes: [],
    });
  });

  it('reads what nftDoor() writes, for every kind of step', () => {
    const text = 'a'.repeat(40);
    const sequence = `17001,icmp:0,17002:udp,17003:udp:size=0,icmp,17004:udp:hex=0001${hex(text)},17005:udp:text=x%20y`;
    const steps = parseSequence(sequence);
    const closeSteps = parseSequence('17006,icmp:9');
    const [door, ...others] = readImport(nftDoor({ steps, closeSteps, port: 2222 }), 'file').doors;
    expect(others).toEqual([]);
    expect(describeDoor(door!)).toEqual({
      ...FINE,
      name: 'open_v4',
      secret: `17001:tcp,icmp:0,17002:udp,17003:udp:size=0,icmp:56,17004:udp:hex=0001${hex(text)},17005:udp:hex=782079`,
      ports: [2222],
    });
  });

  it.each(NOT_UNDERSTOOD)('says where %s is, and no port of a sequence', (_, text, problem) => {
    const problems = readImport(text, 'file').doors.flatMap((door) => door.problems);
    expect(problems.join('\n')).toContain(problem);
    expect(problems.join('\n')).not.toMatch(/\b1700\d/);
  });

  it.each([
    ['', 'file: unrecognized file format'],
    ['Host a\n  Port 22\n', 'file: unrecognized file format'],
    ['{ "a": ', 'file: this is not valid JSON'],
    ['{ "version": 2, "sequences": [] }', 'file: this JSON contains no list of sequences in a known format'],
    ['SOURCE ANY\nKEY_BASE64\n', 'file line 2: this line has no value'],
  ])('refuses %j', (text, message) => {
    expect(() => readImport(text, 'file')).toThrow(message);
  });
});
