import { expect, it } from 'vitest';
import { allUnquotedTraps, unquotedTokens } from '../../../src/check/unquoted-trap.ts';
import { loadConfig } from '../../../src/ssh-config/evaluate.ts';
import { CONFIG, fakeSystem, KNOCK } from '../ssh-config/fake-system.ts';

it.each([
  ['knockproxy %h %p %n %r', ['%h', '%n', '%r']],
  ["knockproxy -- '%h' %p", []],
  ["knockproxy -- '%h' %p '%n' '%r'", []],
  ["knockproxy '%h' %p %n", ['%n']],
  ['knockproxy "%h" %p "%n" "%r"', ['%r']],
  ["knockproxy \\'%h\\' %p", ['%h']],
  [`knockproxy "it's" %h`, ['%h']],
  ['knockproxy %%h %p', []],
  ["ssh bastion knockproxy -- '%h' %p", []],
  [`ssh bastion "knockproxy -- '%h' %p"`, []],
  ['ssh bastion "knockproxy %h %p"', ['%h']],
  ["sh -c 'exec knockproxy %h %p'", ['%h']],
])('%s', (command, tokens) => {
  expect(unquotedTokens(command, 'linux')).toEqual(tokens);
});

it('on Windows double quotes are the only ones', () => {
  expect(unquotedTokens(`C:/k.exe -- "%h" %p "%n" '%r'`, 'win32')).toEqual(['%r']);
});

it('names every ProxyCommand and Match exec that runs knockproxy', () => {
  const system = fakeSystem({
    [KNOCK]: { text: 'Match exec "knockproxy open %n"\nKnockSequence 1\n', mode: 0o100600 },
    [CONFIG]:
      "Host a\nProxyCommand knockproxy %h %p\nHost b\nProxyCommand nc %h %p\nHost c\nProxyCommand knockproxy -- '%h' %p\n" +
      `Match exec "knockproxy open -- '%n'"\nPort 22\nMatch exec "test %n = x"\nPort 22\n`,
  });
  const wanted = new Map([
    ['proxycommand', 'proxy'],
    ['knocksequence', 'door'],
  ]);
  const traps = allUnquotedTraps(loadConfig({}, wanted, system, {}));
  expect(traps.map(({ text }) => text.replace(/ without quotes.*/, ''))).toEqual([
    `ProxyCommand in ${CONFIG} line 2 has %h`,
    `Match exec in ${KNOCK} has %n`,
  ]);
});
