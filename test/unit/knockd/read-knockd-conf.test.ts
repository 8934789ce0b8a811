import { describe, expect, it } from 'vitest';
import { readKnockdSequence } from '../../../src/knockd/knockd-sequence.ts';
import { atoi } from '../../../src/knockd/knockd-text.ts';
import { readKnockdConf } from '../../../src/knockd/read-knockd-conf.ts';

const read = (text: string) => readKnockdConf(text, 'conf');
const show = (steps: ReturnType<typeof readKnockdSequence>) =>
  typeof steps === 'string' ? steps : steps.map(({ port, protocol }) => `${port}/${protocol}`).join(' ');

describe('readKnockdConf', () => {
  it("reads Debian's stock file", () => {
    const { doors, interface: device } = read(
      '[options]\n\tUseSyslog\n\n[openSSH]\n\tsequence    = 7000,8000,9000\n\tseq_timeout = 5\n' +
        '\tcommand     = /sbin/iptables -A INPUT -s %IP% -p tcp --dport 22 -j ACCEPT\n\ttcpflags    = syn\n',
    );
    expect(device).toBeUndefined();
    expect(doors).toEqual([
      {
        name: 'openSSH',
        line: 4,
        steps: [7000, 8000, 9000].map((port) => ({ port, protocol: 'tcp' })),
        seqTimeoutS: 5,
        startCommand: '/sbin/iptables -A INPUT -s %IP% -p tcp --dport 22 -j ACCEPT',
        tcpFlags: new Map([['SYN', true]]),
        cmdTimeoutS: 10,
        foreign: [],
      },
    ]);
  });

  it.each<[string, string, object]>([
    ['CRLF, blanks, case and a comment line', '[a]\r\n \t SEQUENCE=1\r\n # x', { seqTimeoutS: 25 }],
    ['a number up to what is none', '[a]\nsequence=1\nseq_timeout = 5 # five', { seqTimeoutS: 5 }],
    [
      'the older names',
      '[a]\nsequence=1\ntimeout=3\ncommand=x\ncommand_6=y',
      { seqTimeoutS: 3, startCommand: 'x', startCommand6: 'y' },
    ],
    ['a command with = and #', '[a]\nsequence=1\nstart_command=A=b c # d', { startCommand: 'A=b c # d' }],
    ['an empty IPv6 command', '[a]\nsequence=1\nstart_command_6=', { startCommand6: '' }],
    ['the last of repeated options', '[a]\nsequence=1\ncmd_timeout=1\ncmd_timeout=x', { cmdTimeoutS: 0 }],
    [
      'flags',
      '[a]\nsequence=1\ntcpflags=syn,!ACK,!syn',
      {
        tcpFlags: new Map([
          ['SYN', false],
          ['ACK', false],
        ]),
      },
    ],
    ['blanks in a name', '[ a b ]\nsequence=1', { name: ' a b ' }],
    ['[Options] as a door', '[Options]\nsequence=1', { name: 'Options' }],
    ['UseSyslog in a door', '[a]\nusesyslog\nsequence=1', { name: 'a' }],
    ['a name of 127 bytes', `[${'x'.repeat(300)}]\nsequence=1`, { name: 'x'.repeat(127) }],
    ['UTF-8', Buffer.from('[tür]\nsequence=1').toString('latin1'), { name: 'tür' }],
    [
      'a one-time file after a sequence',
      '[a]\nsequence=1\none_time_sequences = /a b',
      { steps: [], oneTimeFile: '/a b' },
    ],
    ['a NUL as the end of a line', '[a]\nsequence=1\0,2\ntimeout=2', { seqTimeoutS: 2 }],
  ])('reads %s', (_, text, expected) => {
    expect(read(text).doors).toEqual([expect.objectContaining(expected)]);
  });

  it('reads interface from [options] alone, the first that names one', () => {
    const text = '[options]\ninterface =\nInterface = eth1\ninterface=eth2\nlogfile=x\n[a]\nsequence=1';
    expect(read(text).interface).toBe('eth1');
  });

  it("names another version's options by line, and takes the rest", () => {
    const { doors, foreign } = read(
      '[options]\nAllowDuplicates\nFoo_Bar = 1\n[a]\nsequence = 1\n[b]\nipset = x\nipset_timeout = 600\nAcl\n',
    );
    expect(foreign).toEqual([
      { name: 'AllowDuplicates', line: 2 },
      { name: 'Foo_Bar', line: 3 },
    ]);
    expect(doors.map(({ name, foreign: own }) => [name, own.map(({ line }) => line)])).toEqual([
      ['a', []],
      ['b', [7, 8, 9]],
    ]);
  });

  it.each<[string, string]>([
    ['sequence = 1234', 'conf line 1: an option before the first section'],
    ['[]', 'conf line 1: the section has no name'],
    ['[a] # comment', 'conf line 1: an option'],
    ['[a]\n[b] # comment\n', 'conf line 2: knockd has no such option'],
    ['[a]\nsequence 1234', 'conf line 2: knockd has no such option'],
    ['[a]\ninterface = eth0', 'conf line 2: knockd has no such option'],
    ['[options]\nsequence = 1234', 'conf line 2: knockd has no such option'],
    ['[options]\nUseSyslog = yes', 'conf line 2: knockd has no such option'],
    ['[a]\nsequence=1234\ntcpflags = syn, ack', 'conf line 3: knockd has no such TCP flag'],
    ['[a]\nsequence=1234\ntcpflags =', 'conf line 3: knockd has no such TCP flag'],
    ['[a]\nsequence = 1234,70000', 'conf line 2: step 2 of the sequence'],
    ['[a]\n\n[b]\nsequence = 1234', 'conf line 1: the section has no sequence'],
    ['[a]\none_time_sequences =', 'conf line 2: the one-time file has no name'],
    ['\ufeff[a]\nsequence = 1234', 'conf line 1: an option'],
  ])('refuses %j as knockd does, quoting nothing', (text, message) => {
    expect(() => read(text)).toThrow(message);
    expect(() => read(text)).not.toThrow(/1234|70000/);
  });
});

describe('readKnockdSequence', () => {
  it.each([
    ['7000,8000:UDP, 9000 : tcp ', '7000/tcp 8000/udp 9000/tcp'],
    ['7000 # x', '7000/tcp'],
    ['7000:udp:more', '7000/udp'],
    ['', '0/tcp'],
    ['a,,1', '0/tcp 0/tcp 1/tcp'],
    ['-1', '65535/tcp'],
    ['9999999999999999999', '65535/tcp'],
    ['4294967318', '22/tcp'],
    ['65536', 'step 1 of the sequence: the port is not a number from 1 to 65535'],
    ['1,2:', 'step 2 of the sequence: the protocol is neither tcp nor udp'],
    ['1:udp # x', 'step 1 of the sequence: the protocol is neither tcp nor udp'],
    [Array(33).fill('1').join(), 'the sequence has more than 32 steps'],
  ])('reads %j as knockd does', (text, expected) => {
    expect(show(readKnockdSequence(text))).toBe(expected);
  });

  it('takes 32 steps', () => {
    expect(readKnockdSequence(Array(32).fill('1').join())).toHaveLength(32);
  });
});

describe('atoi', () => {
  it.each([
    [' \v+12x', 12],
    ['0x10', 0],
    ['+-1', 0],
    ['2147483648', -2147483648],
    ['-9999999999999999999', 0],
  ])('%j', (text, expected) => {
    expect(atoi(text)).toBe(expected);
  });
});
