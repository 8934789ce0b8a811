import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import Ajv, { type ValidateFunction } from 'ajv/dist/2020.js';
import { describe, expect, it, onTestFinished } from 'vitest';
import { EXIT_CODES } from '../../src/check/exit-codes.ts';
import { temporaryFolder } from '../unit/temporary-folder.ts';
import { localDoor } from './local-door.ts';
import { PROGRAM, run } from './run.ts';

const FOLDER = fileURLToPath(new URL('../../docs/schema/', import.meta.url));
const schema = (name: string) => JSON.parse(fs.readFileSync(path.join(FOLDER, `${name}.json`), 'utf8'));
const ajv = new Ajv.default({ allErrors: true, allowUnionTypes: true, validateFormats: false });
const VALIDATORS = Object.fromEntries(
  ['check', 'list', 'import', 'generate'].map((name) => [
    name,
    ajv.compile(schema(name)) as ValidateFunction,
  ]),
);

/** Runs a command with --json, and holds its output against its schema. */
async function valid(command: string, ...args: string[]) {
  const { stdout, code } = await run([command, '--json', ...args]);
  const found = JSON.parse(stdout);
  const validate = VALIDATORS[command]!;
  expect(validate(found) ? [] : validate.errors).toEqual([]);
  return { found, code };
}

function files(knock: string, config = ''): string[] {
  const folder = temporaryFolder();
  const [file, knockFile] = ['config', 'knock_config'].map((name) => path.join(folder, name)) as [
    string,
    string,
  ];
  fs.writeFileSync(file, config, { mode: 0o600 });
  fs.writeFileSync(knockFile, knock, { mode: 0o600 });
  return ['-F', file, '--knock-config', knockFile];
}

const here = (port: number) =>
  `Host here\n  HostName 127.0.0.1\n  Port ${port}\n  ProxyCommand ${process.execPath} ${PROGRAM} -- '%h' %p\n`;

describe('check', () => {
  it('of a door that opens and closes', async () => {
    const { port, sequence } = await localDoor();
    const knock = `Host here\n  KnockSequence ${sequence}\n  KnockCloseSequence ${sequence}\n`;
    const { found, code } = await valid('check', ...files(knock, here(port)), 'here');
    expect(found).toMatchObject({
      class: 'ok',
      addresses: [{ before: 'refused', after: 'open', closed: false }],
    });
    expect(found.warnings).toHaveLength(1);
    expect(code).toBe(0);
    expect((await valid('check', ...files(knock, here(port)), 'here')).found).toMatchObject({
      addresses: [{ before: 'open', banner: { kind: 'ssh' } }],
    });
  });

  it.each([
    ['config', 'Host here\n  KnockSequence 7000,0\n'],
    ['config', ''],
    ['name', 'Host here\n  KnockSequence 7000\n'],
    ['refused', 'Host here\n  KnockSequence 9:udp\n  KnockTimeout 0.1\n'],
  ])('that fails: %s', async (of, knock) => {
    const config = of === 'name' ? here(22).replace('127.0.0.1', 'host.invalid') : here(1);
    const { found, code } = await valid('check', ...files(knock, config), 'here');
    expect(found).toMatchObject({ class: of, problems: [{ class: of }] });
    expect(code).toBe(found.exitCode);
  });

  it('knows every class', () => {
    expect([...schema('check').$defs.class.enum].sort()).toEqual(Object.keys(EXIT_CODES).sort());
  });
});

it('list: each kind of door, a pattern, a line that is wrong, and none', async () => {
  const knock = `Host web
  KnockSequence 7000,8000
Host cmd
  KnockSequenceCommand pass knock/%n
Host file
  KnockSequenceFile ~/.ssh/door
Host once
  KnockOneTimeFile ~/.ssh/once
Host wrong
  KnockSequence 7000,0
Host *.lan
  KnockSequence 7000
`;
  const { found } = await valid('list', ...files(knock));
  const kinds = found.map(({ kind }: { kind: string }) => kind);
  expect(kinds).toEqual(expect.arrayContaining(['sequence', 'command', 'file', 'pattern', null]));
  expect((await valid('list', ...files(''))).found).toEqual([]);
});

it('import: doors, a one-time door, one that cannot be opened, and none', async () => {
  const conf = (text: string) => {
    const file = path.join(temporaryFolder(), 'knockd.conf');
    fs.writeFileSync(file, text);
    return file;
  };
  const open = '  start_command = /sbin/iptables -A INPUT -s %IP% -p tcp --dport 22 -j ACCEPT\n';
  const text = `[ssh]\n  sequence = 7000,8000\n${open}[once]\n  one_time_sequences = /etc/once\n${open}[flags]\n  sequence = 7000,8000\n  tcpflags = fin\n${open}`;
  const { found } = await valid('import', conf(text));
  expect(found).toMatchObject([{ kind: 'sequence', steps: 2, ports: [22] }, { kind: 'one-time' }, {}]);
  expect((await valid('import', conf('[options]\n'))).found).toEqual([]);
  const access = 'SOURCE ANY\nKEY_BASE64 a2V5\nHMAC_KEY_BASE64 aG1h\n';
  expect((await valid('import', conf(access))).found).toMatchObject([{ kind: 'spa', seconds: null }]);
  const doors =
    '# knockproxy doors, version 1\nHost a\n  KnockSequenceCommand pass a\nHost b\n  KnockSequence ask\n';
  expect((await valid('import', conf(doors))).found).toMatchObject([
    { kind: 'command', steps: null },
    { kind: 'sequence', steps: null, ports: [22] },
  ]);
});

describe('generate', () => {
  it.each([
    ['without a host', []],
    ['for a host', ['srv', '-F', 'none']],
    ['with nftables', ['srv', '-F', 'none', '--server', 'nftables', '--user', 'bob']],
    ['one-time sequences', ['srv', '-F', 'none', '--one-time', '3']],
    ['for fwknop', ['srv', '-F', 'none', '--spa']],
    ['a close sequence', ['--close-sequence']],
  ])('%s', async (_, args) => {
    const { found } = await valid('generate', ...args);
    expect(found.files.length).toBeGreaterThan(1);
  });

  it('--out', async () => {
    const folder = path.join(temporaryFolder(), 'door');
    onTestFinished(() => fs.rmSync(folder, { recursive: true, force: true }));
    const { found } = await valid('generate', 'srv', '-F', 'none', '--out', folder, '--yes');
    expect(found.written.length).toBeGreaterThan(1);
  });
});

it('a property that a schema does not have is an error', () => {
  expect(
    VALIDATORS.list!([{ host: 'a', file: 'f', line: 1, kind: 'file', steps: null, lastOpened: null }]),
  ).toBe(true);
  expect(
    VALIDATORS.list!([{ host: 'a', file: 'f', line: 1, kind: 'file', steps: null, lastOpened: null, x: 1 }]),
  ).toBe(false);
});
