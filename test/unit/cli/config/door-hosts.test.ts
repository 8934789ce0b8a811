import fs from 'node:fs';
import path from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { findHosts, type HostKind } from '../../../../src/cli/config/door-hosts.ts';
import { temporaryFolder } from '../../temporary-folder.ts';

const CONFIG = `
Host a.lan plain
  User x
Host none.lan
  HostName 192.0.2.1
`;

const knockConfig = (folder: string) => `
Host none.lan
  KnockSequence none
Host web db *.lan
  KnockSequence 7000,8000
Host $(id) \`id\` a;id
  KnockSequence 7000,8000
Host wrong
  KnockSequence 7000,0
Host shut
  KnockSequence 7000,8000
  KnockCloseSequence 8000,7000
Match exec "touch ${folder}/ran"
  KnockSequence 7000,8000
`;

describe('hosts', () => {
  let folder: string;
  let find: (kind: HostKind, prefix?: string) => string[];

  beforeEach(() => {
    folder = temporaryFolder();
    const files = { config: path.join(folder, 'config'), knockConfig: path.join(folder, 'knock_config') };
    fs.writeFileSync(files.config, CONFIG, { mode: 0o600 });
    fs.writeFileSync(files.knockConfig, knockConfig(folder), { mode: 0o600 });
    find = (kind, prefix = '') => findHosts(kind, prefix, files);
  });

  it('with a door: by name, by a pattern, and those whose line is wrong, but no name that a shell acts on', () => {
    expect(find('door')).toEqual(['a.lan', 'db', 'shut', 'web', 'wrong']);
    expect(find('door', 'w')).toEqual(['web', 'wrong']);
  });

  it('with a close sequence', () => {
    expect(find('close')).toEqual(['shut']);
  });

  it('without a door', () => {
    expect(find('new-host')).toEqual(['none.lan', 'plain']);
  });

  it('are found without running the commands of Match exec', () => {
    find('door');
    find('close');
    expect(fs.existsSync(path.join(folder, 'ran'))).toBe(false);
  });
});
