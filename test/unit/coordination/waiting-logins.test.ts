import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { expect, it } from 'vitest';
import { WaitingLogin } from '../../../src/coordination/waiting-logins.ts';
import { temporaryFolder } from '../temporary-folder.ts';

it('tells whether anyone wants this door open', async () => {
  const folder = path.join(temporaryFolder(), 'run');
  const [door, other] = [new WaitingLogin(folder, 'door'), new WaitingLogin(folder, 'other')];
  expect(await door.anyone()).toBe(false);
  await door.enter();
  expect(await new WaitingLogin(folder, 'door').anyone()).toBe(true);
  expect(await other.anyone()).toBe(false);
  door.leave();
  expect(await door.anyone()).toBe(false);
});

it('does not count a process that died, and removes what it left', async () => {
  const folder = path.join(temporaryFolder(), 'run');
  fs.mkdirSync(folder, { mode: 0o700 });
  const left = path.join(folder, 'door.999999');
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(`${left}.live`, resolve));
  fs.renameSync(`${left}.live`, left);
  await new Promise((resolve) => server.close(resolve));
  expect(fs.existsSync(left)).toBe(true);
  // Somebody may be about to listen on a name that is so young.
  expect(await new WaitingLogin(folder, 'door').anyone()).toBe(true);
  await new Promise((resolve) => setTimeout(resolve, 150));
  expect(await new WaitingLogin(folder, 'door').anyone()).toBe(false);
  expect(fs.existsSync(left)).toBe(false);
});

it.each([
  ['cut off behind the name of the door', 80],
  ['cut off within it', 95],
])('has no socket where its path would be too long: %s', async (_, length) => {
  const base = path.join(temporaryFolder(), 'run');
  const folder = base.padEnd(length, 'x');
  const presences = [1, 2].map(() => new WaitingLogin(folder, '0123456789abcdef0123'));
  for (const presence of presences) await presence.enter();
  expect(fs.readdirSync(folder)).toEqual([]);
  expect(await presences[0]!.anyone()).toBe(false);
  for (const presence of presences) presence.leave();
});
