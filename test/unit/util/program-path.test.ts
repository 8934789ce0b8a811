import { expect, it } from 'vitest';
import { programPath } from '../../../src/util/program-path.ts';

const on = (platform: NodeJS.Platform, searchPath: string, files: readonly string[]) => ({
  platform,
  searchPath,
  isFile: (file: string) => files.includes(file),
});
const PATH = '.:repository::/first:/second';
const HERE = ['ssh', 'ssh.exe', './ssh.exe', 'repository/ssh.exe'];

it.each([
  ['in a folder of PATH', 'ssh', [...HERE, '/second/ssh.exe'], '/second/ssh.exe'],
  ['with its extension', 'ssh.exe', [...HERE, '/first/ssh.exe'], '/first/ssh.exe'],
  ['in the first folder', 'ssh', ['/second/ssh.com', '/first/ssh.exe'], '/first/ssh.exe'],
  ['in the current folder only', 'ssh', HERE, undefined],
  ['by its path', 'C:\\Windows\\ssh.exe', [], 'C:\\Windows\\ssh.exe'],
])('Windows: a program %s', (_, name, files, expected) => {
  expect(programPath(name, on('win32', PATH, files))).toBe(expected);
});

it('elsewhere a name stays what it is', () => {
  expect(programPath('ssh', on('linux', PATH, HERE))).toBe('ssh');
});
