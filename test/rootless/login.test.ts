import { once } from 'node:events';
import type net from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { installed } from '../netns/available.ts';
import { cannotRun } from '../netns/describe.ts';
import { nodeVersion, OLDEST } from '../package/node-versions.ts';
import { createScene, ended, type Scene, type SceneOptions, textOf } from './scene.ts';

/** The sequence's ports must stand in nothing that is printed. */
function withoutPorts({ door }: Scene, text: string): void {
  for (const port of door.sequence.match(/\d+/g)!) expect(text).not.toContain(port);
}

const echo = (socket: net.Socket) => void socket.pipe(socket);
const scenes: Scene[] = [];

async function scene(options?: SceneOptions): Promise<Scene> {
  const made = await createScene(options);
  scenes.push(made);
  return made;
}

afterEach(async () => {
  await Promise.all(scenes.splice(0).map((made) => made.close()));
});

describe('a login without root', () => {
  it('opens the door with one sequence and relays both ways', async () => {
    const made = await scene({ service: echo });
    const child = made.login();
    const [output, errors] = [textOf(child.stdout), textOf(child.stderr)];
    child.stdin!.end('sent before the door opened');
    expect(await output).toBe('sent before the door opened');
    expect(await errors).toBe('');
    expect(await ended(child)).toEqual({ code: 0, signal: null });
    expect(made.knocks.map(({ step }) => step)).toEqual([1, 2, 3]);
    expect(made.accepted()).toBe(1);
  });

  it('relays megabytes in both directions', async () => {
    const made = await scene({ service: echo });
    const bytes = Buffer.alloc(4_000_000, 'knockproxy');
    const child = made.login();
    const output = textOf(child.stdout);
    child.stdin!.end(bytes);
    expect((await output) === bytes.toString('latin1')).toBe(true);
    expect(await ended(child)).toEqual({ code: 0, signal: null });
  });

  it('says in one line that a wrong sequence does not open the door', async () => {
    const made = await scene({ service: echo });
    const [first, second, third] = made.door.sequence.split(',');
    made.configure(`KnockSequence ${second},${first},${third}\nKnockDelay 20\nKnockTimeout 1`);
    const child = made.login();
    const [output, errors] = [textOf(child.stdout), textOf(child.stderr)];
    expect(await ended(child)).toEqual({ code: 1, signal: null });
    expect(await output).toBe('');
    expect(await errors).toMatch(
      /^knockproxy: error: 127\.0\.0\.1 port \d+ stayed shut: [^\n]+\n(knockproxy: hint: [^\n]+\n)*$/,
    );
    expect(await errors).toMatch(
      /\nknockproxy: hint: run 'knockproxy check -F none --knock-config \S+ demo \d+'\n$|\nknockproxy: hint: run: knockproxy check .* demo \d+\n$/,
    );
    withoutPorts(made, await errors);
    expect(made.accepted()).toBe(0);
  });

  it('lets several logins in at once', async () => {
    const made = await scene({ service: echo });
    const children = Array.from({ length: 6 }, () => made.login());
    const outputs = children.map((child) => textOf(child.stdout));
    for (const child of children) child.stdin!.end('hello');
    expect(await Promise.all(outputs)).toEqual(children.map(() => 'hello'));
    for (const child of children) expect(await ended(child)).toEqual({ code: 0, signal: null });
    expect(made.accepted()).toBe(children.length);
  });

  it('ends at once when ssh ends it while it knocks', async () => {
    const made = await scene({ service: echo });
    made.configure(`KnockSequence ${made.door.sequence}\nKnockDelay 1000`);
    const child = made.login();
    const output = textOf(child.stdout);
    await once(made.door, 'knock');
    child.kill('SIGHUP');
    const { code, signal } = await ended(child);
    expect(code !== 0 || signal === 'SIGHUP').toBe(true);
    expect(await output).toBe('');
    expect(made.knocks.length).toBe(1);
  });

  it('ends with the connection when the server closes it', async () => {
    const made = await scene({ service: (socket) => void socket.end('bye') });
    const child = made.login();
    expect(await textOf(child.stdout)).toBe('bye');
    expect((await ended(child)).signal).toBeNull();
  });
});

if (installed('ssh')) describe('the real ssh without root', sshTests);
else cannotRun('the real ssh without root', 'not installed: ssh');

function sshTests(): void {
  it.each(['no', 'yes'])('logs in with ProxyUseFdpass %s', async (fdpass) => {
    const made = await scene();
    const options = ['-o', `ProxyUseFdpass=${fdpass}`];
    if (fdpass === 'yes') options.push('-o', `ProxyCommand=${await fdpassCommand(made)}`);
    const { status, stdout, stderr } = await made.ssh(...options, 'demo', 'echo hello');
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: 'hello\n', stderr: '' });
    expect(made.knocks.map(({ step }) => step)).toEqual([1, 2, 3]);
    expect(made.accepted()).toBe(1);
  });

  it('tells ssh in one line that the door stayed shut', async () => {
    const made = await scene();
    // Not a rotation: repeated, that would hold the right sequence.
    const backwards = made.door.sequence.split(',').reverse().join(',');
    made.configure(`KnockSequence ${backwards}\nKnockDelay 20\nKnockTimeout 1`);
    const { status, stdout, stderr } = await made.ssh('demo', 'echo hello');
    expect([status, stdout]).toEqual([255, '']);
    expect(stderr).toMatch(/^knockproxy: /m);
    withoutPorts(made, stderr);
  });
}

const oldest = await nodeVersion(OLDEST);
if (typeof oldest === 'string') cannotRun(`a login on Node ${OLDEST}`, oldest);
else
  it(`relays on Node ${OLDEST}`, async () => {
    const made = await scene({ service: echo, node: oldest.path });
    const child = made.login();
    const [output, errors] = [textOf(child.stdout), textOf(child.stderr)];
    child.stdin!.end('sent before the door opened');
    expect(await output).toBe('sent before the door opened');
    expect(await errors).toBe('');
    expect(await ended(child)).toEqual({ code: 0, signal: null });
  });

/** The scene's ProxyCommand with --fdpass. */
async function fdpassCommand({ ssh }: Scene): Promise<string> {
  const { stdout } = await ssh('-G', 'demo');
  const line = /^proxycommand (.*)$/m.exec(stdout)![1]!;
  return line.replace(' --knock-config', ' --fdpass --knock-config');
}
