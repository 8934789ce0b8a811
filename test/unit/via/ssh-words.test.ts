import { describe, expect, it } from 'vitest';
import { connectWords, sharesConnection, shellWords } from '../../../src/via/ssh-words.ts';

describe('sharesConnection', () => {
  it.each([
    ['controlmaster auto\ncontrolpath /run/cm\n', true],
    ['controlmaster true\ncontrolpath /run/cm\n', true],
    ['controlmaster false\ncontrolpath /run/cm\n', false],
    ['controlmaster no\ncontrolpath /run/cm\n', false],
    ['controlmaster auto\ncontrolpath none\n', false],
    ['controlmaster auto\n', false],
  ])('%j: %s', (printed, shares) => {
    expect(sharesConnection(`hostname bastion\n${printed}user me\n`)).toBe(shares);
  });
});

describe('the words of ssh', () => {
  const via = { host: 'me@bastion', configFile: '/c f' };

  it('read the same file, and take the host for no option', () => {
    expect(shellWords(via, undefined).slice(0, 3)).toEqual(['ssh', '-F', '/c f']);
    expect(shellWords(via, undefined).slice(-3)).toEqual(['--', 'me@bastion', 'sh']);
    expect(connectWords(via, undefined, { host: 'fd00::1', port: 22 }).slice(3)).toEqual([
      '-W',
      '[fd00::1]:22',
      '--',
      'me@bastion',
    ]);
  });

  it('share a connection of their own, that ends with it', () => {
    expect(shellWords(via, '/s').join(' ')).toContain('-M -S /s -o ControlPersist=no');
    expect(connectWords(via, '/s', { host: 'h', port: 22 }).join(' ')).toContain(
      '-S /s -o ControlMaster=no -W',
    );
  });
});
