import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readHostConfig } from '../../src/host-config.ts';
import { realSystem } from '../../src/ssh-config/system.ts';

const folder = fileURLToPath(new URL('../../examples/ssh_config/', import.meta.url));
const files = fs.readdirSync(folder).filter((name) => name !== 'knock_config');
const hasSsh = spawnSync('ssh', ['-V']).error === undefined;

/** The example as a person has it: readable by its owner only. Git keeps no such mode. */
const system = {
  ...realSystem(),
  read: (path: string) => {
    const file = realSystem().read(path);
    return typeof file === 'string' ? file : { ...file, mode: 0o100600, uid: process.getuid?.() ?? 0 };
  },
};
const read = (config: string, host: string) =>
  readHostConfig(
    { host, port: 22, alias: host, configFile: folder + config, knockConfig: `${folder}knock_config` },
    system,
  ).settings;

describe('examples/ssh_config', () => {
  it.each(files)('%s gives its host a door', (name) => {
    const host = /^Host (?:\*)?(\S+)/m.exec(fs.readFileSync(folder + name, 'utf8'))?.[1] ?? 'server.example';
    const { door, fdpass } = read(name, host.startsWith('.') ? `web${host}` : host);
    expect(door).toBeDefined();
    expect(fdpass).toBe(name === 'fdpass');
  });

  it.skipIf(!hasSsh).each(files.filter((name) => name !== 'match-exec'))('%s is what ssh accepts', (name) => {
    const { status, stdout } = spawnSync('ssh', ['-G', '-F', folder + name, 'server.example'], {
      encoding: 'utf8',
    });
    expect(status).toBe(0);
    expect(stdout).toContain('hostname server.example');
  });

  it('leaves a host without a door alone', () => {
    expect(read('fleet', 'elsewhere.example').door).toBeUndefined();
  });
});
