import { expect, test } from 'vitest';
import { type Programs, proxyTraps } from '../../../src/check/proxy-command-trap.ts';

const FILES = new Map([
  ['/opt/bin/knockproxy', '#!/usr/bin/env node'],
  ['/opt/bin/node', ''],
  ['/opt/lib/knockproxy.cjs', '#!/usr/bin/env node'],
  ['/usr/bin/nc', ''],
]);

function programs(more: readonly string[] = []): Programs {
  const exists = (file: string) => FILES.has(file) || more.includes(file);
  return {
    path: '/opt/bin:/usr/bin',
    exists,
    isExecutable: exists,
    real: (file) => (file === '/opt/bin/kp' ? '/opt/lib/knockproxy.cjs' : file),
    firstLine: (file) => FILES.get(file) ?? '',
  };
}

const at = (keyword: string, value: string, line = 3) => ({
  keyword,
  words: value.split(' '),
  raw: value,
  file: 'config',
  line,
});
const command = (value: string) => at('proxycommand', value);
const jump = (value: string, line = 4) => at('proxyjump', value, line);

const ROWS: [string, Parameters<typeof proxyTraps>, [('error' | 'warning')?, RegExp?]][] = [
  ['none', [undefined, undefined, programs()], ['error', /no ProxyCommand/]],
  ['the word none', [command('none'), undefined, programs()], ['error', /no ProxyCommand/]],
  ['another program', [command('nc %h %p'), undefined, programs()], ['error', /line 3 is not knockproxy/]],
  ['node with another script', [command('/opt/bin/node /x.js'), undefined, programs()], ['error', /is not/]],
  ['both absolute', [command('/opt/bin/node /opt/lib/knockproxy.cjs %h'), undefined, programs()], []],
  ['exec before it', [command('exec /opt/bin/node /opt/lib/knockproxy.cjs'), undefined, programs()], []],
  [
    'no such node',
    [command('/gone/node /opt/lib/knockproxy.cjs'), undefined, programs()],
    ['error', /gone\/node does/],
  ],
  [
    'no such script',
    [command('/opt/bin/node /gone/knockproxy.cjs'), undefined, programs()],
    ['error', /there is no/],
  ],
  ['a bare name', [command('knockproxy %h %p'), undefined, programs()], ['warning', /PATH=\/usr\/bin:\/bin/]],
  [
    'a bare name that all find',
    [command('knockproxy %h'), undefined, programs(['/usr/bin/knockproxy', '/usr/bin/node'])],
    [],
  ],
  [
    'a path, but node on PATH only',
    [command('/opt/bin/knockproxy'), undefined, programs()],
    ['warning', /: node is not/],
  ],
  ['a bare name nowhere', [command('knockproxy.cjs %h'), undefined, programs()], ['error', /not on PATH/]],
  ['a link of another name', [command('/opt/bin/kp %h'), undefined, programs(['/opt/bin/kp'])], []],
  ['ProxyJump alone', [jump('j'), undefined, programs()], ['error', /ssh uses ProxyJump/]],
  [
    'ProxyJump first',
    [jump('j', 2), command('knockproxy'), programs()],
    ['error', /line 2 before ProxyCommand/],
  ],
  [
    'ProxyJump behind ours',
    [command('/opt/bin/node /opt/lib/knockproxy.cjs'), jump('j'), programs()],
    ['warning', /line 4 has no effect/],
  ],
  [
    'ProxyJump none behind ours',
    [command('/opt/bin/node /opt/lib/knockproxy.cjs'), jump('none'), programs()],
    [],
  ],
];
test.each(ROWS)('ProxyCommand: %s', (_, args, [severity, text]) => {
  const traps = proxyTraps(...args);
  expect(traps.length).toBe(severity === undefined ? 0 : 1);
  if (text) expect(traps[0]).toMatchObject({ severity, text: expect.stringMatching(text) });
});
