import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { quoteWord } from '../../../src/config-edit/quote-word.ts';
import { splitArguments } from '../../../src/ssh-config/tokens.ts';

it.each([
  ['/usr/bin/node', '/usr/bin/node'],
  ['/home/me/My Programs/node', "'/home/me/My Programs/node'"],
  ["/home/o'hara/node", "'/home/o'\\''hara/node'"],
  ['/opt/100%/node', '/opt/100%%/node'],
  ['/opt/$HOME/`id`;#"x"', '\'/opt/$HOME/`id`;#"x"\''],
  ['/opt/caf\u00e9', "'/opt/caf\u00e9'"],
])('%s for ssh and a shell', (path, expected) => {
  const quoted = quoteWord(path, 'linux');
  expect(quoted).toBe(expected);
  expect(splitArguments(`ProxyCommand ${quoted} %h`)).toBeDefined();
  const shell = spawnSync('/bin/sh', ['-c', `printf %s ${quoted.replaceAll('%%', '%')}`], {
    encoding: 'utf8',
  });
  expect(shell.stdout).toBe(path);
});

it('Windows: slashes and double quotes', () => {
  expect(quoteWord('C:\\Program Files\\nodejs\\node.exe', 'win32')).toBe(
    '"C:/Program Files/nodejs/node.exe"',
  );
});

it.each(['/a\\b', '/a\nb', '/a\u001bb'])('%j cannot be quoted for all of them', (path) => {
  expect(() => quoteWord(path, 'linux')).toThrow('cannot be used in a ProxyCommand');
});
