import { describe, expect, it } from 'vitest';
import { connectWords, plainWords, sharesConnection, shellWords } from '../../../src/via/ssh-words.ts';

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

describe('plainWords', () => {
  it('undo what makes a host one without sessions, or without a stdin', () => {
    expect(plainWords('sessiontype none\nstdinnull yes\nforkafterauthentication yes\n')).toEqual({
      session: ['-o', 'SessionType=default'],
      stdin: ['-o', 'StdinNull=no', '-o', 'ForkAfterAuthentication=no'],
    });
    expect(plainWords('sessiontype default\nstdinnull no\n')).toEqual(NONE);
  });
});

const NONE = { session: [], stdin: [] };

describe('the words of ssh', () => {
  const via = { host: 'me@bastion', configFile: '/c f' };

  it('read the same file, and take the host for no option', () => {
    expect(shellWords(via, undefined, NONE).slice(0, 3)).toEqual(['ssh', '-F', '/c f']);
    expect(shellWords(via, undefined, NONE).slice(-3)).toEqual(['--', 'me@bastion', 'sh']);
    const connect = connectWords(via, undefined, NONE, { host: 'fd00::1', port: 22 });
    expect(connect.slice(-4)).toEqual(['-W', '[fd00::1]:22', '--', 'me@bastion']);
  });

  it('share a connection of their own, that ends with it', () => {
    expect(shellWords(via, '/s', NONE).join(' ')).toContain('-M -S /s -o ControlPersist=no');
    const connect = connectWords(via, '/s', NONE, { host: 'h', port: 22 });
    expect(connect.join(' ')).toContain('-S /s -o ControlMaster=no');
  });
});
