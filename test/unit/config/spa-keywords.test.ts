import { describe, expect, it } from 'vitest';
import { KEYWORDS } from '../../../src/config/keywords.ts';
import { readSettings } from '../../../src/config/settings.ts';
import { type SpaSource, withSource } from '../../../src/config/spa-keywords.ts';
import { readRc } from '../../../src/plan/fwknop/fwknoprc.ts';
import type { Setting } from '../../../src/ssh-config/evaluate.ts';

/** Keywords with their values as a configuration would give them, each on a line of its own. */
function source(lines: Record<string, string>): SpaSource {
  const found = new Map<string, Setting>();
  Object.entries(lines).forEach(([name, value], index) => {
    const { slot } = KEYWORDS.find((keyword) => keyword.name === name)!;
    const setting = {
      keyword: name.toLowerCase(),
      words: value.split(' '),
      file: '/f',
      line: index + 1,
      raw: value,
    };
    if (!found.has(slot!)) found.set(slot!, setting);
  });
  return readSettings(found).door?.source as SpaSource;
}

describe('a SPA door in the configuration', () => {
  it.each([
    [{ KnockSpa: 'work' }, { in: 'stanza', name: 'work' }],
    [{ KnockSpa: 'yes' }, { in: 'stanza' }],
    [{ KnockSpa: 'YES' }, { in: 'stanza' }],
    [{ KnockSpaKeyFile: '~/keys/%n' }, { in: 'file', path: '~/keys/%n' }],
    [
      { KnockSpa: 'work', KnockSpaKeyFile: 'keys' },
      { in: 'stanza', name: 'work' },
    ],
    [
      { KnockSpaKeyFile: 'keys', KnockSequence: '1,2,3' },
      { in: 'file', path: 'keys' },
    ],
  ])('finds the keys of %j', (lines, keys) => {
    expect(source(lines)).toMatchObject({ kind: 'spa', keys, where: { file: '/f', line: 1 } });
  });

  it.each([{ KnockSpa: 'none' }, { KnockSpa: 'none', KnockSpaKeyFile: 'keys' }, { KnockSpaPort: '1' }])(
    'is none with %j',
    (lines) => {
      expect(source(lines)).toBeUndefined();
    },
  );

  it('is no door when another one stands first', () => {
    expect(source({ KnockSequence: '1,2,3', KnockSpa: 'work' })).toMatchObject({ kind: 'sequence' });
  });

  it.each([
    [{ KnockSpaAccess: 'tcp/22,udp/53' }, { ACCESS: 'tcp/22,udp/53' }],
    [{ KnockSpaPort: '0123' }, { SPA_SERVER_PORT: '123' }],
    [{ KnockSpaTimeout: '60' }, { FW_TIMEOUT: '60' }],
    [{ KnockSpaAllow: 'source' }, { ALLOW_IP: 'source' }],
    [{ KnockSpaAllow: '192.0.2.1' }, { ALLOW_IP: '192.0.2.1' }],
    [{ KnockSpaAllow: 'resolve https://x/ip' }, { RESOLVE_URL: 'https://x/ip' }],
  ])('takes %j', (lines, expected) => {
    const { settings } = source({ KnockSpa: 'work', ...lines } as Record<string, string>);
    expect(Object.fromEntries([...settings].map(([slot, { value }]) => [slot, value]))).toEqual(expected);
  });

  it.each([
    [{ KnockSpa: 'a b' }, '/f line 1: KnockSpa takes one value'],
    [{ KnockSpaPort: '0' }, '/f line 2: KnockSpaPort must be an integer from 1 to 65535'],
    [{ KnockSpaPort: '65536' }, '/f line 2: KnockSpaPort must be an integer from 1 to 65535'],
    [{ KnockSpaPort: '22x' }, '/f line 2: KnockSpaPort must be an integer from 1 to 65535'],
    [{ KnockSpaTimeout: '65537' }, '/f line 2: KnockSpaTimeout must be an integer from 0 to 65536'],
    [{ KnockSpaTimeout: '-1' }, '/f line 2: KnockSpaTimeout must be an integer from 0 to 65536'],
    [{ KnockSpaAllow: 'resolve' }, '/f line 2: KnockSpaAllow resolve takes one URL, http:// or https://'],
    [{ KnockSpaAllow: 'resolve ftp://x' }, '/f line 2: KnockSpaAllow resolve takes one URL'],
    [{ KnockSpaAllow: 'resolve http://x y' }, '/f line 2: KnockSpaAllow resolve takes one URL'],
    [{ KnockSpaAllow: '::1' }, '/f line 2: KnockSpaAllow must be source, resolve or an IPv4 address'],
    [{ KnockSpaAllow: '192.0.2.1 10.0.0.1' }, '/f line 2: KnockSpaAllow takes one value'],
    [{ KnockSpaAccess: 'tcp/22 udp/53' }, '/f line 2: KnockSpaAccess takes one value'],
  ])('refuses %j', (lines, message) => {
    expect(() => source({ KnockSpa: 'work', ...lines } as Record<string, string>)).toThrow(message);
  });
});

describe('the configuration wins over the rc file', () => {
  const RC = '[work]\nKEY k\nACCESS tcp/1\nALLOW_IP resolve\nRESOLVE_URL http://rc\nALLOW_IP 192.0.2.9\n';
  const both = (lines: Record<string, string>) => {
    const settings = withSource(readRc(RC, 'work', 'rc'), source({ KnockSpa: 'work', ...lines }));
    return Object.fromEntries([...settings].map(([slot, { value }]) => [slot, value]));
  };

  it('in what it names', () => {
    expect(both({ KnockSpaAccess: 'tcp/22', KnockSpaTimeout: '5' })).toMatchObject({
      KEY: 'k',
      ACCESS: 'tcp/22',
      FW_TIMEOUT: '5',
      ALLOW_IP: '192.0.2.9',
    });
  });

  it.each([
    ['source', { ALLOW_IP: 'source' }],
    ['resolve http://own', { RESOLVE_URL: 'http://own' }],
  ])('whole, in whom to let in: %s', (value, allow) => {
    expect(both({ KnockSpaAllow: value })).toEqual({ KEY: 'k', ACCESS: 'tcp/1', ...allow });
  });
});
