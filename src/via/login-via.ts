import { isIP } from 'node:net';
import { HistoryStore } from '../coordination/history-store.ts';
import { MAX_LOCK_WAIT_MS, takeKnockLock } from '../coordination/knock-lock.ts';
import { lockPaths } from '../coordination/lock-paths.ts';
import { WaitingLogin } from '../coordination/waiting-logins.ts';
import { canPassDescriptor } from '../handover/fdpass.ts';
import type { Connected } from '../login/login-request.ts';
import type { Target } from '../network/resolve.ts';
import type { Obtained } from '../secrets/obtained-sequences.ts';
import { prepare } from '../secrets/sequence-source.ts';
import { nowMs, withTimeout } from '../util/clock.ts';
import { checkHost } from '../util/names.ts';
import { Bastion } from './bastion.ts';
import { cannotPass, leadsBack, noFamily, noShell, noTool, notOnWindows, notSent } from './via-errors.ts';
import type { ViaLogin, ViaRequest } from './via-login.ts';
import { planOnceVia } from './via-plan.ts';
import { ViaTurn } from './via-turn.ts';

/** In the environment of ssh: the hosts whose logins wait for it. */
const MARKER = 'KNOCKPROXY_VIA';
/** Allows time to type a password there; KnockTimeout does not include it. */
const READY_MS = 60_000;
/** How long a login waits for a server whose door another login has opened, in milliseconds. */
const REUSE_MS = 1500;

/**
 * Logs in through another host, which alone the door sees: knocks from there, and connects from there.
 *
 * @returns a connected socket, of which nothing was read.
 * @throws KnockproxyError if there is no shell on that host, or the door stays shut.
 */
export async function loginVia(login: ViaLogin): Promise<Connected> {
  const { place, settings, signal } = login;
  if (login.fdpass && canPassDescriptor()) throw cannotPass(place);
  const { bastion, ...start } = await startVia(login);
  signal.addEventListener('abort', () => bastion.end());
  const waiting = new WaitingLogin(start.paths.runtimeFolder, start.paths.doorName);
  if (settings.door.closeSteps) await waiting.enter();
  try {
    await ready(bastion, login);
    const deadlineMs = settings.connectTimeoutMs ?? nowMs() + settings.limitMs;
    const places = await placesOf(bastion, login);
    return await reuseOrKnock(new ViaTurn({ ...start, bastion, login, places, waiting, deadlineMs }));
  } catch (error) {
    waiting.leave();
    bastion.end();
    throw error;
  }
}

/** Sends the sequence once from there. @throws KnockproxyError if it could not be sent. */
export async function knockVia(request: ViaRequest, delayMs: number): Promise<void> {
  const { bastion, knockHost, obtain } = await startVia(request);
  let obtained: Obtained | undefined;
  try {
    await ready(bastion, request);
    obtained = await obtain();
    obtained.sending?.(0);
    const status = await bastion.knock(knockHost, planOnceVia(obtained.candidates[0]!, delayMs));
    if (status !== 0) throw notSent(request.place, knockHost, status);
  } finally {
    obtained?.release?.();
    bastion.end();
  }
}

/** Reads the door's secret, and begins to log in on the other host. */
async function startVia(request: ViaRequest) {
  const { place, names, settings, report, configFile } = request;
  if (process.platform === 'win32') throw notOnWindows(place);
  const env = environment(request);
  const secret = await prepare(settings.door.source, { ...names, where: settings.door.where }, request.warn);
  const knockHost = settings.knockHost ?? secret.knockHost ?? names.host;
  checkHost(knockHost);
  const state = new HistoryStore();
  const target = viaTarget(request, knockHost);
  const paths = lockPaths(target, state);
  const via = { host: place.via, configFile };
  const bastion = await Bastion.open(via, { folder: paths.runtimeFolder, host: names.host, env, report });
  return { bastion, knockHost, obtain: secret.obtain, state, target, paths };
}

/**
 * Where to knock and connect: the host's name where it has one address, as PermitOpen there may have it, else its
 * addresses.
 *
 * @throws KnockproxyError if it has none of the family.
 */
async function placesOf(bastion: Bastion, { place, names, settings, family }: ViaRequest): Promise<string[]> {
  const addresses = await bastion.addresses;
  if (addresses.length === 0) return [names.host];
  const wanted = family ?? settings.family;
  const found = addresses.filter((address) => wanted === 0 || isIP(address) === wanted);
  if (found.length === 0) throw noFamily(place, names.host, wanted);
  return addresses.length === 1 ? [names.host] : found;
}

/** The name of the door, of which no address is known here. */
function viaTarget({ place, names: { host, port } }: ViaRequest, knockHost: string): Target {
  const name = (of: string) => `${of} via ${place.via}`;
  return { address: name(host), family: 4, port, knockAddress: name(knockHost) };
}

function environment({ place, names }: ViaRequest): NodeJS.ProcessEnv {
  const mark = encodeURIComponent(`${names.alias}:${names.port}`);
  const { NODE_CHANNEL_FD: _, [MARKER]: outer, ...env } = process.env;
  const marks = outer?.split(',') ?? [];
  if (marks.includes(mark)) throw leadsBack(place);
  return { ...env, [MARKER]: [...marks, mark].join(',') };
}

async function ready(bastion: Bastion, { place, report, onReady }: ViaRequest): Promise<void> {
  const tool = await withTimeout(bastion.ready, READY_MS);
  if (tool === undefined) throw noShell(place, await bastion.status);
  if (tool === 'none') throw noTool(place);
  onReady?.(tool);
  report.debug(`${place.via}: knocks are sent by ${tool}`);
  if (tool === 'nc') report.advice(`${place.via} ${ONLY_NC}`);
}

const ONLY_NC =
  'has only nc to knock with, which shows the ports to other users there while it runs; perl, python3 or bash would not';

/** Connects without knocks where another login has just opened the door, else knocks under the lock. */
async function reuseOrKnock(turn: ViaTurn): Promise<Connected> {
  const { paths, login } = turn.context;
  const endMs = Math.min(turn.context.deadlineMs, nowMs() + MAX_LOCK_WAIT_MS);
  for (;;) {
    const waitMs = endMs - nowMs();
    const taken = await takeKnockLock({ file: paths.lockFile, waitMs, signal: login.signal });
    if (taken.kind !== 'opened') return turn.knock(taken.lock);
    const connected = taken.door === paths.doorName ? await turn.connectTo(REUSE_MS) : undefined;
    if (connected !== undefined) return connected;
  }
}
