/**
 * The demo: a door on 127.0.0.1 with an SSH server behind it, opened by knockproxy for the real ssh and scp.
 * `npm run demo`, or `tsx examples/demo/demo.ts PROGRAM` to try another file than dist/knockproxy.cjs.
 * Needs no root, connects to 127.0.0.1 only, leaves nothing behind. Exit status 0 only if every step worked.
 */
import { accessSync, constants, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Children } from './children.ts';
import { DemoDoor } from './door.ts';
import { Interrupted, interruption } from './interruption.ts';
import { Screen, showDoor } from './screen.ts';
import { makeKeys, type SshFiles, writeSshFiles } from './ssh-files.ts';
import { sshServer } from './ssh-server.ts';
import { check, knockingScp, knockingSsh, type Stage, withoutKnocks, wrongSequence } from './story.ts';

/** How long the door stays open, in ms: time to connect, and not long to wait until it is shut again. */
const OPEN_MS = 1_000;

const STEPS = (['tcp', 'udp', 'tcp'] as const).map((protocol) => ({ protocol, port: 0 }));

const screen = new Screen();
/** What has been set up is undone from the last to the first. */
const undo: (() => unknown)[] = [];

process.exit(await main());

async function main(): Promise<number> {
  const built = fileURLToPath(new URL('../../dist/knockproxy.cjs', import.meta.url));
  const program = path.resolve(process.argv[2] ?? built);
  try {
    await Promise.race([demo(program), interruption()]);
    return 0;
  } catch (error) {
    console.error(`demo: ${error instanceof Error ? error.message : error}`);
    return error instanceof Interrupted ? error.status : 1;
  } finally {
    await cleanUp();
  }
}

async function cleanUp(): Promise<void> {
  for (const step of undo.reverse()) {
    try {
      await step();
    } catch (error) {
      console.error(`demo: cannot clean up: ${error}`);
    }
  }
}

async function demo(program: string): Promise<void> {
  if (process.platform === 'win32') throw new Error('this runs on Linux, macOS and other POSIX systems only');
  if (!inPath('ssh')) throw new Error('there is no ssh in PATH; install the OpenSSH client');
  if (!existsSync(program)) throw new Error(`there is no ${program}; npm run build makes it`);
  const start = performance.now();
  const stage = await setUp(program);
  await withoutKnocks(stage);
  await wrongSequence(stage);
  await knockingSsh(stage);
  await check(stage);
  if (inPath('scp')) await knockingScp(stage);
  else screen.line('\nthere is no scp in PATH: the copies are skipped');
  screen.line(`\nEverything worked, in ${((performance.now() - start) / 1000).toFixed(1)} s.`);
}

async function setUp(program: string): Promise<Stage> {
  // A space in the name, as some home directories have one: quoting must hold.
  const home = mkdtempSync(path.join(os.tmpdir(), 'knockproxy demo-'));
  undo.push(() => rmSync(home, { recursive: true, force: true }));
  const serverRoot = path.join(home, 'server');
  mkdirSync(serverRoot);
  const children = new Children();
  undo.push(() => children.stop());
  const door = new DemoDoor({ steps: STEPS, openMs: OPEN_MS });
  undo.push(() => door.removeAllListeners().stop());
  await door.start();

  const keys = makeKeys();
  introduce(door, writeSshFiles(home, door, keys, program));
  showDoor(door, screen);
  const server = { hostKey: keys.host.private, userKey: keys.user.public, root: serverRoot, children };
  door.on('connection', sshServer(server));
  return { screen, door, program, children, home, serverRoot, env: environment(home) };
}

function introduce(door: DemoDoor, { proxyCommand, knockConfig }: SshFiles): void {
  screen.line(
    `An SSH server on ${door.host} port ${door.targetPort}, behind a door that imitates knockd without root: the port`,
  );
  screen.line(`listens for ${OPEN_MS} ms after the right knocks, and otherwise refuses every connection.\n`);
  screen.line(`ssh_config:\n  Host demo\n    ${proxyCommand}\n    ...`);
  screen.line(`knock_config:\n${knockConfig.replace(/^/gm, '  ').trimEnd()}`);
}

/** A plain shell for ProxyCommand, English messages, and nothing of knockproxy's own left in the user's home. */
function environment(home: string): NodeJS.ProcessEnv {
  const own = {
    SHELL: '/bin/sh',
    LC_ALL: 'C',
    XDG_STATE_HOME: home,
    XDG_CACHE_HOME: home,
    XDG_RUNTIME_DIR: home,
  };
  return { ...process.env, ...own };
}

function inPath(program: string): boolean {
  return (process.env.PATH ?? '').split(path.delimiter).some((dir) => {
    try {
      accessSync(path.join(dir, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
