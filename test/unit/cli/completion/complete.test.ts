import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../../../src/cli/commands.ts';
import { complete } from '../../../../src/cli/completion/complete.ts';

const HOSTS = { door: ['web', 'db'], close: ['web'], 'new-host': ['plain'] };

function offered(line: string) {
  const asked: object[] = [];
  const offer = complete(line.split(' '), {
    commands: COMMANDS,
    findHosts(kind, _, files) {
      asked.push(files);
      return HOSTS[kind];
    },
  });
  return { asked, words: offer === 'files' ? 'files' : offer.map(({ word }) => word) };
}

describe('a line', () => {
  it.each([
    ['', COMMANDS.map(({ name }) => name)],
    ['c', ['check', 'close', 'completion']],
    ['-', ['--help', '--version']],
    ['unknown ', []],
    ...['check', 'remove', 'open', 'knock', 'rotate'].map((name): [string, string[]] => [
      `${name} `,
      ['web', 'db'],
    ]),
    ['close ', ['web']],
    ['add ', ['plain']],
    ['generate p', ['plain']],
    ['check w', ['web']],
    ['check web ', []],
    ['knock web 7', []],
    ['list ', ['web', 'db']],
    ['check -4 -F /f w', ['web']],
    ['check --config=/f w', ['web']],
    ['check -- -', []],
    ['check -- w', ['web']],
    ['import ', 'files'],
    ['import door.conf --host ', ['plain']],
    ['check -F ', 'files'],
    ['generate --out=', 'files'],
    ['generate --server ', ['knockd', 'nftables']],
    ['generate --server=n', ['--server=nftables']],
    ['generate --count ', []],
    ['completion ', ['bash', 'zsh', 'fish']],
    ['close -', ['--ipv4', '--ipv6', '--bind-address', '--config', '--knock-config', '--help']],
    ['close -4F /f --', ['--ipv6', '--bind-address', '--knock-config', '--help']],
    ['open -v --verb', ['--verbose']],
  ])('%j', (line, expected) => {
    expect(offered(line).words).toEqual(expected);
  });
});

it('hosts come from the files that the line names', () => {
  expect(offered('check -F /config --knock-config=/knock w').asked).toEqual([
    { config: '/config', knockConfig: '/knock' },
  ]);
});
