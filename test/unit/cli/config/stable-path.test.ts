import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { programWords } from '../../../../src/cli/config/proxy-command.ts';
import { stablePath } from '../../../../src/cli/config/stable-path.ts';

const HOME = '/home/u';
const BREW = '/opt/homebrew';

/** A tree of files, and links with their targets. */
function tree(entries: Readonly<Record<string, string | null>>) {
  const resolve = (file: string): string | undefined => {
    for (const [link, target] of Object.entries(entries)) {
      if (target !== null && (file === link || file.startsWith(`${link}/`)))
        return resolve(path.resolve(path.dirname(link), target) + file.slice(link.length));
    }
    return file in entries ? file : undefined;
  };
  return resolve;
}

const FNM = `${HOME}/.local/share/fnm`;
const FNM_NODE = `${FNM}/node-versions/v20.1.0/installation/bin/node`;
const SHELL = `${HOME}/.local/state/fnm_multishells/12_34`;
const FNM_TREE = { [FNM_NODE]: null, [SHELL]: `${FNM}/node-versions/v20.1.0/installation` };
const NVM_NODE = `${HOME}/.nvm/versions/node/v20.1.0/bin/node`;
const ASDF_NODE = `${HOME}/.asdf/installs/nodejs/20.1.0/bin/node`;
const VOLTA_NODE = `${HOME}/.volta/tools/image/node/20.1.0/bin/node`;
const CELLAR = `${BREW}/Cellar/node/22.1.0/bin/node`;
const KEG = `${BREW}/Cellar/node@20/20.9.0/bin/node`;
const STORE = '/nix/store/0abc-nodejs-20.1.0/bin/node';

describe('the name of node that is written', () => {
  it.each<[string, string, string[], Record<string, string | null>, object]>([
    [
      'Debian',
      '/usr/bin/node',
      ['/usr/bin'],
      { '/usr/bin/node': null },
      { path: '/usr/bin/node', kind: 'own' },
    ],
    [
      'Debian, with /bin first in PATH',
      '/usr/bin/node',
      ['/bin', '/usr/bin'],
      { '/bin': '/usr/bin', '/usr/bin/node': null },
      { path: '/usr/bin/node', kind: 'own' },
    ],
    [
      'Homebrew',
      CELLAR,
      [`${BREW}/bin`],
      { [CELLAR]: null, [`${BREW}/bin/node`]: '../Cellar/node/22.1.0/bin/node' },
      { path: `${BREW}/bin/node`, kind: 'own' },
    ],
    [
      'Homebrew on Intel, not in PATH',
      CELLAR.replace(BREW, '/usr/local'),
      [],
      {
        [CELLAR.replace(BREW, '/usr/local')]: null,
        '/usr/local/bin/node': '/usr/local/Cellar/node/22.1.0/bin/node',
      },
      { path: '/usr/local/bin/node', kind: 'own' },
    ],
    [
      'Homebrew, keg-only',
      KEG,
      [`${BREW}/Cellar/node@20/20.9.0/bin`],
      { [KEG]: null, [`${BREW}/opt/node@20`]: '../Cellar/node@20/20.9.0' },
      { path: `${BREW}/opt/node@20/bin/node`, kind: 'own' },
    ],
    ['Homebrew, unlinked', KEG, [], { [KEG]: null }, { path: KEG, kind: 'own', isVersioned: true }],
    [
      'fnm with a default',
      FNM_NODE,
      [`${SHELL}/bin`],
      { ...FNM_TREE, [`${FNM}/aliases/default`]: '../node-versions/v20.1.0/installation' },
      { path: `${FNM}/aliases/default/bin/node`, kind: 'own' },
    ],
    [
      'fnm with another default',
      FNM_NODE,
      [`${SHELL}/bin`],
      { ...FNM_TREE, [`${FNM}/aliases/default`]: '../node-versions/v18.0.0/installation' },
      { path: FNM_NODE, kind: 'own', isVersioned: true },
    ],
    [
      'nvm',
      NVM_NODE,
      [path.dirname(NVM_NODE)],
      { [NVM_NODE]: null },
      { path: NVM_NODE, kind: 'own', isVersioned: true },
    ],
    [
      'nvm with NVM_SYMLINK_CURRENT',
      NVM_NODE,
      [path.dirname(NVM_NODE)],
      { [NVM_NODE]: null, [`${HOME}/.nvm/current`]: 'versions/node/v20.1.0' },
      { path: `${HOME}/.nvm/current/bin/node`, kind: 'own' },
    ],
    [
      'asdf',
      ASDF_NODE,
      [`${HOME}/.asdf/shims`],
      { [ASDF_NODE]: null, [`${HOME}/.asdf/shims/node`]: null },
      { path: `${HOME}/.asdf/shims/node`, kind: 'shim' },
    ],
    [
      'Volta',
      VOLTA_NODE,
      [`${HOME}/.volta/bin`],
      { [VOLTA_NODE]: null, [`${HOME}/.volta/bin/node`]: '/usr/bin/volta-shim', '/usr/bin/volta-shim': null },
      { path: `${HOME}/.volta/bin/node`, kind: 'shim' },
    ],
    [
      'Nix',
      STORE,
      [`${HOME}/.nix-profile/bin`],
      { [STORE]: null, [`${HOME}/.nix-profile/bin/node`]: STORE },
      { path: `${HOME}/.nix-profile/bin/node`, kind: 'own' },
    ],
    [
      'Nix, in a shell',
      STORE,
      [path.dirname(STORE)],
      { [STORE]: null },
      { path: STORE, kind: 'own', isVersioned: true },
    ],
    [
      'a folder of its own, and a link in PATH',
      '/opt/node-v20.1.0-linux-x64/bin/node',
      ['node_modules/.bin', '/x/node_modules/.bin', `${HOME}/bin`],
      {
        '/opt/node-v20.1.0-linux-x64/bin/node': null,
        '/x/node_modules/.bin/node': '/opt/node-v20.1.0-linux-x64/bin/node',
        [`${HOME}/bin/node`]: '/opt/node-v20.1.0-linux-x64/bin/node',
      },
      { path: `${HOME}/bin/node`, kind: 'own' },
    ],
    [
      'another node first in PATH',
      '/opt/node/bin/node',
      ['/usr/bin'],
      { '/opt/node/bin/node': null, '/usr/bin/node': null },
      { path: '/opt/node/bin/node', kind: 'own' },
    ],
  ])('%s', (_, real, folders, entries, expected) => {
    expect(stablePath('node', real, { folders, real: tree(entries) })).toEqual(expected);
  });
});

describe('the words of the program', () => {
  const own = (file: string) => ({ path: file, kind: 'own' }) as const;

  it('are those of a package', () => {
    const script = '/usr/lib/node_modules/knockproxy/dist/knockproxy.cjs';
    const real = tree({ [script]: null, '/usr/bin/knockproxy': script });
    const found = stablePath('knockproxy', script, { folders: [], real });
    expect(programWords(own('/usr/bin/node'), found)).toEqual({
      words: ['/usr/bin/node', '/usr/bin/knockproxy'],
    });
  });

  it('are a shim alone, which starts Node by itself', () => {
    const script = `${path.dirname(path.dirname(ASDF_NODE))}/lib/node_modules/knockproxy/dist/knockproxy.cjs`;
    const shim = `${HOME}/.asdf/shims/knockproxy`;
    const found = stablePath('knockproxy', script, {
      folders: [],
      real: tree({ [script]: null, [shim]: null }),
    });
    expect(programWords(own(ASDF_NODE), found)).toEqual({ words: [shim] });
  });

  it('come with one note where the names are versioned', () => {
    const versioned = { ...own(NVM_NODE), isVersioned: true } as const;
    const { words, note } = programWords(versioned, { ...versioned, path: '/x-1.1/y' });
    expect(words).toEqual([NVM_NODE, '/x-1.1/y']);
    expect(note).toBe(
      `ssh will run ${NVM_NODE}, which an upgrade may remove: ` +
        "run 'knockproxy repair' after upgrading Node, or pass --portable now",
    );
  });
});
