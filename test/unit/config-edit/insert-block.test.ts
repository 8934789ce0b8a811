import { parse, stringify } from 'ssh-config';
import { describe, expect, it } from 'vitest';
import { textWithout, waysToAdd } from '../../../src/config-edit/insert-block.ts';
import { MADE_BY_US, takeOut } from '../../../src/config-edit/managed-blocks.ts';

const sshConfig = { parse, stringify };
const LINES = ['ProxyCommand kp %h %p'];

/** The ways as the numbers of the lines that are new or changed, with the texts without their marks. */
function ways(text: string | undefined, withPackage = true) {
  return waysToAdd(text, 'f', 'web', LINES, withPackage ? sshConfig : undefined).map((way) =>
    way.replace(/^.*# (>>>|<<<) .*\n?/gm, '').replace(/\r/g, ''),
  );
}

describe('waysToAdd', () => {
  it.each<[string, string | undefined, string]>([
    ['no file', undefined, `${MADE_BY_US}\nHost web\n  ProxyCommand kp %h %p\n`],
    ['an empty file', '', 'Host web\n  ProxyCommand kp %h %p\n'],
    ['its own block', 'Host web\n  User u\n', 'Host web\n  ProxyCommand kp %h %p\n  User u\n'],
    ['its own block, tabs', 'Host web\n\tUser u\n', 'Host web\n\tProxyCommand kp %h %p\n\tUser u\n'],
    ['its own block, in another case', 'HOST web\n user u', 'HOST web\n ProxyCommand kp %h %p\n user u'],
    ['its own block, empty, at the end', 'Host web', 'Host web\n  ProxyCommand kp %h %p\n'],
    [
      'its own block with a ProxyCommand',
      'Host web\n\tProxyCommand nc %h %p\n\tUser u\n',
      'Host web\n\tProxyCommand kp %h %p\n\t# kept by knockproxy for web: ProxyCommand nc %h %p\n\tUser u\n',
    ],
    [
      'its own block with a ProxyJump',
      'Host web\n  ProxyJump b\n',
      'Host web\n  ProxyCommand kp %h %p\n  # kept by knockproxy for web: ProxyJump b\n',
    ],
    [
      'a block with two patterns',
      'Host a\n User u\n# both\nHost web mail\n User v\n',
      'Host a\n User u\nHost web\n  ProxyCommand kp %h %p\n# both\nHost web mail\n User v\n',
    ],
    ['a wildcard', 'Host *\n User u\n', 'Host web\n  ProxyCommand kp %h %p\nHost *\n User u\n'],
    ['a negation', 'Host * !web\n User u\n', 'Host * !web\n User u\nHost web\n  ProxyCommand kp %h %p\n'],
    ['Match', 'Match user x\n Port 1\n', 'Host web\n  ProxyCommand kp %h %p\nMatch user x\n Port 1\n'],
    [
      'a Match for another name',
      'Match originalhost a\n Port 1\n',
      'Match originalhost a\n Port 1\nHost web\n  ProxyCommand kp %h %p\n',
    ],
    ['nothing that matches', 'Host a\n User u', 'Host a\n User u\nHost web\n  ProxyCommand kp %h %p\n'],
  ])('the first way: %s', (_, text, expected) => {
    expect(ways(text)[0]).toBe(expected);
  });

  it.each([
    [
      'an odd quote, which ssh accepts in a comment of its own',
      "Host web\n  ProxyCommand sh -c 'echo \"hi'\n",
    ],
    ['a backslash at the end', 'Host web\n  SendEnv A\\\n'],
    ['double blanks', 'Host  web\n  SendEnv A  B\n'],
    ['blanks at the end', 'Host web \n  User u  \n'],
    ['a comment behind a value', 'Host web\n  User u # me\n'],
  ])('what the package cannot read, as text: %s', (_, text) => {
    expect(ways(text)[0]).toBe(`Host web\n  ProxyCommand kp %h %p\n${text}`);
    expect(ways(text)).toEqual(ways(text, false));
  });

  it('lines before the first Host line go on holding for every host', () => {
    const text = 'User u\nHost a\n Port 1\n';
    expect(ways(text).at(-1)).toBe(`Host web\n  ProxyCommand kp %h %p\nHost *\n${text}`);
  });

  it('two hosts before everything come out again in any order', () => {
    const text = 'User u\nHost a\n Port 1\n';
    const one = waysToAdd(text, 'f', 'one', LINES, sshConfig).at(-1)!;
    const two = waysToAdd(one, 'f', 'two', LINES, sshConfig).at(-1)!;
    expect(takeOut(takeOut(two, 'f', 'one'), 'f', 'two')).toBe(text);
    expect(takeOut(takeOut(two, 'f', 'two'), 'f', 'one')).toBe(text);
  });

  it('three before an Include come out again in any order, and none of them takes the Include meanwhile', () => {
    const text = 'Include config.d/*\nHost gw\n User u\nHost *\n Port 1\n';
    const first = waysToAdd(text, 'f', 'inc1', LINES, sshConfig).at(-1)!;
    const second = waysToAdd(first, 'f', 'b', LINES, sshConfig).at(-1)!;
    const third = waysToAdd(second, 'f', 'c', LINES, sshConfig)[0]!;
    for (const order of ['inc1 b c', 'inc1 c b', 'b inc1 c', 'b c inc1', 'c b inc1', 'c inc1 b']) {
      let left = third;
      for (const host of order.split(' ')) {
        left = takeOut(left, 'f', host);
        expect(left).toMatch(/(^|Host \*\n# <<< knockproxy \w+\n)Include/);
      }
      expect(left).toBe(text);
    }
  });

  it('a file made for us goes with its last host', () => {
    const one = waysToAdd(undefined, 'f', 'one', LINES)[0]!;
    const two = waysToAdd(one, 'f', 'two', LINES)[0]!;
    const left = textWithout(two, 'f', 'one');
    expect(left).toContain('Host two');
    expect(textWithout(left!, 'f', 'two')).toBeUndefined();
    expect(textWithout('', 'f')).toBe('');
  });
});
