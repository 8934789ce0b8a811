import fs from 'node:fs';
import path from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { type FailedLogin, nextStep, withNextStep } from '../../../src/config/next-step.ts';
import { KnockproxyError } from '../../../src/util/errors.ts';
import { temporaryFolder } from '../temporary-folder.ts';

let folder: string;
let configFile: string;
beforeEach(() => {
  folder = temporaryFolder();
  configFile = path.join(folder, 'config');
  fs.writeFileSync(configFile, 'Host web\n  HostName 192.0.2.1\n  Port 2222\n');
});

function step(more: Partial<FailedLogin>): string {
  return nextStep({ host: '192.0.2.1', port: 2222, alias: 'web', configFile, ...more }).replace(folder, '');
}

it.each<[string, Partial<FailedLogin>, string]>([
  ['the host as typed', {}, "run 'knockproxy check -F /config web'"],
  ['the port, where no file says it', { port: 22 }, "run 'knockproxy check -F /config web 22'"],
  [
    'the options of the ProxyCommand',
    { family: 6, knockConfig: 'none' },
    "run 'knockproxy check -6 -F /config --knock-config none web'",
  ],
  [
    'an odd name quoted for the shell',
    { alias: 'it$(x)', port: 22 },
    "run: knockproxy check -F /config 'it$(x)'",
  ],
])('names %s', (_, more, expected) => {
  expect(step(more)).toBe(expected);
});

it('is the last hint of a login that failed, and no hint of a wrong configuration', () => {
  const login = { host: 'web', port: 22, alias: 'web', configFile: 'none' };
  const hintsOf = (error: Error) => (withNextStep(error, login) as KnockproxyError).hints;
  expect(hintsOf(new KnockproxyError('shut', { hints: ['a guess'] }))).toEqual([
    'a guess',
    "run 'knockproxy check -F none web'",
  ]);
  expect(hintsOf(new KnockproxyError('FILE line 1: no', { exitCode: 2, hints: ['fix it'] }))).toEqual([
    'fix it',
  ]);
  expect(withNextStep('else', login)).toBe('else');
});
