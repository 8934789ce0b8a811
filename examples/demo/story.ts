import { strict as assert } from 'node:assert';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Children, Finished } from './children.ts';
import type { DemoDoor } from './door.ts';
import { scan } from './scan.ts';
import type { Screen } from './screen.ts';
import { shellQuote } from './ssh-files.ts';

/** What the story is played with. */
export interface Stage {
  screen: Screen;
  door: DemoDoor;
  /** The path of knockproxy. */
  program: string;
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

/** Without a knock the port is closed. */
export async function withoutKnocks(stage: Stage): Promise<void> {
  const { screen, door } = stage;
  screen.heading('Without a knock: what a port scanner and plain ssh see');
  const seen = await scan(door.host, door.targetPort);
  screen.output(`scan of port ${door.targetPort}: ${seen}`);
  assert.equal(seen, 'closed', 'a scanner must not see the hidden port');
  const { status, stdout, stderr } = await command(stage, 'ssh', ['direct', 'echo hello']);
  screen.output(stderr);
  assert.deepEqual([status, stdout], [SSH_FAILED, ''], 'ssh must not get through a closed port');
  assert.match(stderr, /refused/, 'a closed port must refuse the connection');
  screen.ok('nothing to see');
}

/** The same through knockproxy. */
export async function knockingSsh(stage: Stage): Promise<void> {
  const { screen, door } = stage;
  screen.heading('ssh with knockproxy');
  const { stdout } = await knockingCommand(stage, 'ssh', ['demo', 'echo hello']);
  screen.output(stdout);
  assert.equal(stdout, 'hello\n', 'the command must print hello');
  await shut(stage);
  screen.output(`scan of port ${door.targetPort}: ${await scan(door.host, door.targetPort)}`);
  screen.ok('knocked, connected, logged in; the port is closed again');
}

/** `knockproxy check`, which makes the attempts of a login and shows each step. */
export async function check(stage: Stage): Promise<void> {
  const { screen } = stage;
  screen.heading('knockproxy check');
  const { status, stdout, stderr } = await quietly(stage, () => checkCommand(stage));
  screen.output(stdout + stderr);
  assert.equal(status, 0, 'check must find no fault');
  screen.ok('every step of a login, and when the door opened');
}

/** A login without the first knock: the message that ssh shows. */
export async function wrongSequence(stage: Stage): Promise<void> {
  const { screen, door } = stage;
  screen.heading('ssh with a wrong sequence: the first knock is missing');
  let knocks = 0;
  const count = () => knocks++;
  door.on('knock', count);
  const { status, stderr } = await quietly(stage, () => command(stage, 'ssh', ['wrong', 'echo hello']));
  door.off('knock', count);
  screen.output(`the door saw ${knocks} knocks and stays shut`);
  screen.output(stderr);
  assert.equal(status, SSH_FAILED, 'a wrong sequence must not open the door');
  assert.match(stderr, /stayed shut/, 'the message must say that the door stayed shut');
  screen.ok('the message has the likely causes, and no port of the sequence');
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

/** Runs a step without showing what happens at the door. */
async function quietly<T>({ screen }: Stage, step: () => Promise<T>): Promise<T> {
  screen.showsDoor = false;
  try {
    return await step();
  } finally {
    screen.showsDoor = true;
  }
}

function checkCommand({ screen, program, children, home, env }: Stage): Promise<Finished> {
  const files = ['-F', path.join(home, 'ssh_config'), '--knock-config', path.join(home, 'knock_config')];
  screen.command('knockproxy check demo');
  return children.run(process.execPath, [program, 'check', ...files, 'demo'], { cwd: home, env });
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
