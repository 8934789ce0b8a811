import { describe, expect, it } from 'vitest';
import { expandPasted } from '../../../src/cli/expand-pasted.ts';
import { splitTypedHost } from '../../../src/cli/shared/typed-host.ts';
import { KnockproxyError } from '../../../src/util/errors.ts';

const add = (...words: string[]) => expandPasted(['add', ...words]);

/** The words, and the same as one quoted string. */
const bothWays = (line: string): string[][] => [line.split(' '), [line]];

describe('expandPasted', () => {
  it.each<[string, string[], string[]]>([
    ['knock srv 7000 8000:udp', ['srv'], ['KnockSequence 7000:tcp,8000:udp']],
    ['knock -d 300 -u srv 7000 8000:tcp', ['srv'], ['KnockSequence 7000:udp,8000:tcp', 'KnockDelay 300']],
    ['/usr/bin/knock -ud300 -v -4 srv 7000', ['srv'], ['KnockSequence 7000:udp', 'KnockDelay 300']],
    [
      'sudo knock --delay=5 --udp srv 7000,8000',
      ['srv'],
      ['KnockSequence 7000:udp,8000:udp', 'KnockDelay 5'],
    ],
    ['$ knock srv 7000', ['srv'], ['KnockSequence 7000:tcp']],
    ['fwknop -n work', ['work'], ['KnockSpa work']],
    ['fwknop -A tcp/22 -D srv -n work', ['srv'], ['KnockSpa work']],
    [
      'fwknop -n work -A tcp/2222 -s -p 999 -f 60',
      ['--port', '2222', 'work'],
      ['KnockSpa work', 'KnockSpaAllow source', 'KnockSpaPort 999', 'KnockSpaTimeout 60'],
    ],
    [
      'fwknop --named-config work --access tcp/22,udp/53 -a 192.0.2.1',
      ['work'],
      ['KnockSpa work', 'KnockSpaAccess tcp/22,udp/53', 'KnockSpaAllow 192.0.2.1'],
    ],
    ['ssh -p 2222 me@srv', ['--port', '2222', 'me@srv'], []],
    ['ssh -vAp2222 -l me srv', ['--port', '2222', '--user', 'me', 'srv'], []],
    ['ssh ssh://me@srv:2222', ['ssh://me@srv:2222'], []],
  ])('understands %s', (line, words, doorLines) => {
    for (const way of bothWays(line)) {
      const { argv, pasted } = add(...way);
      expect(argv).toEqual(['add', ...words]);
      expect(pasted?.doorLines).toEqual(doorLines);
      expect(pasted?.hasSequence).toBe(/knock/.test(line.split(' -n')[0]!.replace('fwknop', '')));
    }
  });

  it("keeps add's own options, before and behind", () => {
    const { argv } = add('-y', '-F', '/c', 'knock', 'srv', '7000', '--hostname', 'x', '--force');
    expect(argv).toEqual(['add', '-y', '-F', '/c', '--hostname', 'x', '--force', 'srv']);
  });

  it.each([
    [['ssh']],
    [['knock', '--yes']],
    [['ssh', '-y']],
    [['web', '-l', 'knock']],
    [['-l', 'ssh', 'web']],
    [['ssh', '-p', '2222']],
    [['web', '7000', '8000']],
    [[]],
  ])('leaves %j', (words) => {
    expect(add(...words)).toEqual({ argv: ['add', ...words] });
  });

  it.each([
    ['knock srv', 'has no ports'],
    ['knock srv 7000 99999', 'step 2 of the knock sequence'],
    ['knock -x srv 7000', '-x of the knock command is not supported'],
    ['knock -d 7000:udp srv 7001', '-d of the knock command takes milliseconds'],
    ['fwknop -A tcp/22 -D srv', 'does not say where its keys are'],
    ['fwknop -A tcp/22 -D srv -R', '-R of the fwknop command is not supported'],
    ['fwknop -n a;b', 'not one plain word'],
    ['ssh -i key srv', '-i of the ssh command is not supported'],
    ['ssh srv uptime', 'runs something on the host'],
  ])('refuses %s without its numbers', (line, message) => {
    for (const way of bothWays(line)) {
      const error = catching(() => add(...way));
      expect(error.message).toContain(message);
      expect([error.message, ...error.hints].join('\n')).not.toMatch(/7000|7001|99999/);
      expect(error.exitCode).toBe(2);
    }
  });
});

describe('splitTypedHost', () => {
  it.each([
    ['web', { host: 'web' }],
    ['me@web', { host: 'web', user: 'me' }],
    ['web:2222', { host: 'web', port: '2222' }],
    ['ssh://me@web:2222', { host: 'web', user: 'me', port: '2222' }],
    ['SSH://web/', { host: 'web' }],
    ['[2001:db8::1]:22', { host: '2001:db8::1', port: '22' }],
    ['me@[::1]', { host: '::1', user: 'me' }],
    ['2001:db8::1', { host: '2001:db8::1' }],
    ['DOMAIN\\me@x@web', { host: 'web', user: 'DOMAIN\\me@x' }],
  ])('%s', (text, expected) => {
    expect(splitTypedHost({ host: text })).toEqual(expected);
  });

  it.each([
    ['web:7000,8000', {}, 'not a port'],
    ['web:0', {}, 'not a port'],
    ['[::1]7000', {}, 'not a port'],
    ['http://web', {}, 'the only supported URL scheme is ssh://'],
    ['me@web', { user: 'you' }, 'two different users are given'],
    ['web:22', { port: '23' }, 'two different ports are given'],
  ])('refuses %s, %j', (host, options, message) => {
    const error = catching(() => splitTypedHost({ host, ...options }));
    expect(error.message).toContain(message);
    expect(error.message).not.toMatch(/7000/);
  });

  it('takes what an option repeats', () => {
    expect(splitTypedHost({ host: 'me@web:22', user: 'me', port: '22' })).toMatchObject({ host: 'web' });
  });
});

function catching(run: () => unknown): KnockproxyError {
  try {
    run();
  } catch (error) {
    if (error instanceof KnockproxyError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
