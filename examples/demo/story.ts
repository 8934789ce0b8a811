import { strict as assert } from 'node:assert';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Children, Finished } from './children.ts';
import type { DemoDoor } from './door.ts';
import type { Screen } from './screen.ts';
import { shellQuote } from './ssh-files.ts';

/** What the story is played with. */
export interface Stage {
  screen: Screen;
  door: DemoDoor;
  children: Children;
  /** Where the commands run; holds `ssh_config`. */
  home: string;
  /** Where the server keeps its files. */
  serverRoot: string;
  env: NodeJS.ProcessEnv;
}

/** The size of the copied file in bytes: many SFTP requests, yet quick. */
const FILE_SIZE = 1_000_000;

/** ssh's exit status when there is no connection. */
const SSH_FAILED = 255;

/** Without a knock nobody answers. */
export async function plainSsh(stage: Stage): Promise<void> {
  stage.screen.heading('ssh without a knock');
  const { status, stdout, stderr } = await command(stage, 'ssh', ['direct', 'echo hello']);
  stage.screen.output(stderr);
  assert.deepEqual([status, stdout], [SSH_FAILED, ''], 'ssh must not get through a shut door');
  assert.match(stderr, /refused/, 'a shut door refuses the connection');
  stage.screen.ok('nobody there');
}

/** The same through knockproxy. */
export async function knockingSsh(stage: Stage): Promise<void> {
  stage.screen.heading('ssh with knockproxy');
  const { stdout } = await knockingCommand(stage, 'ssh', ['demo', 'echo hello']);
  stage.screen.output(stdout);
  assert.equal(stdout, 'hello\n', 'the command must print hello');
  stage.screen.ok('knocked, connected, logged in');
}

/** A file to the server and back, byte for byte. */
export async function knockingScp(stage: Stage): Promise<void> {
  const bytes = randomBytes(FILE_SIZE);
  const sent = path.join(stage.home, 'sent');
  writeFileSync(sent, bytes);

  await shut(stage);
  stage.screen.heading('scp to the server with knockproxy');
  await knockingCommand(stage, 'scp', ['-q', 'sent', 'demo:stored']);
  assert.ok(
    bytes.equals(readFileSync(path.join(stage.serverRoot, 'stored'))),
    'the copy on the server must be equal',
  );
  stage.screen.ok(`${FILE_SIZE} random bytes arrived unchanged`);

  await shut(stage);
  stage.screen.heading('scp from the server with knockproxy');
  await knockingCommand(stage, 'scp', ['-q', 'demo:stored', 'fetched']);
  assert.ok(bytes.equals(readFileSync(path.join(stage.home, 'fetched'))), 'the fetched copy must be equal');
  stage.screen.ok(`${FILE_SIZE} random bytes came back unchanged`);
}

/** Waits for the door to be shut, so that the next command has to knock again. */
async function shut({ door }: Stage): Promise<void> {
  if (door.isOpen) await once(door, 'shut');
}

/** Runs a command which has to knock and must work, from a shut door. */
async function knockingCommand(stage: Stage, program: string, args: readonly string[]): Promise<Finished> {
  let opened = 0;
  const count = () => opened++;
  stage.door.on('open', count);
  const finished = await command(stage, program, args);
  stage.door.off('open', count);
  stage.screen.output(finished.stderr);
  assert.equal(finished.status, 0, `${program} must succeed`);
  assert.ok(opened > 0, 'the door must have been opened by knocks');
  return finished;
}

async function command(stage: Stage, program: string, args: readonly string[]): Promise<Finished> {
  const all = ['-F', 'ssh_config', ...args];
  stage.screen.command([program, ...all.map(shellQuote)].join(' '));
  const finished = await stage.children.run(program, all, { cwd: stage.home, env: stage.env });
  stage.screen.event(`${program} ends with status ${finished.status}`);
  return finished;
}
