import { spawnSync } from 'node:child_process';
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { DIGESTS, type PacketNonce, type SpaContent } from '../../src/plan/fwknop/spa-packet.ts';

/** One run of the real client: the rc file it reads, the stanza it is asked for, the user it runs as. */
export interface Run {
  readonly rc: string;
  readonly stanza: string;
  readonly user: string;
}

/** What the real client made of it: the payload it would send, or how it refused. */
export type Answer = { readonly packet: string } | { readonly refused: string };

/** Why the real client cannot be asked on this machine, or undefined. */
export function clientUnavailable(): string | undefined {
  const argv = ['-V', '--no-rc-file', '--no-save-args'];
  const { status, stdout } = spawnSync('fwknop', argv, { encoding: 'latin1' });
  if (status !== 0) return 'no fwknop to compare with';
  if (!stdout.includes('client 2.6.10,')) return `fwknop is not 2.6.10 but: ${stdout.trim()}`;
  return apart() ? undefined : 'no network namespace to keep fwknop in';
}

/**
 * Runs the real client for each, one after the other: in `--test` mode, which sends nothing, and without a
 * network, because some of what an rc file can say makes it ask a web site.
 */
export function runClient(runs: readonly Run[], folder: string): Answer[] {
  const commands = runs.map(({ rc, stanza, user }, index) => {
    const base = path.join(folder, String(index));
    fs.writeFileSync(`${base}.rc`, rc, { mode: 0o600, encoding: 'latin1' });
    fs.rmSync(`${base}.packet`, { force: true });
    const argv = `--test -v -v --no-save-args --rc-file ${base}.rc -B ${base}.packet -n`;
    return `SPOOF_USER='${user}' timeout 5 fwknop ${argv} '${stanza}' </dev/null >${base}.out 2>&1`;
  });
  const [program = '', ...argv] = [...apart()!, 'sh', '-c', `${commands.join('\n')}\ntrue`];
  const { status, stderr } = spawnSync(program, argv, {
    env: { PATH: process.env.PATH, HOME: folder },
    encoding: 'latin1',
    timeout: 50_000,
  });
  if (status !== 0) throw new Error(`the real client did not run: ${stderr}`);
  return runs.map((_, index) => readAnswer(path.join(folder, String(index))));
}

/** The words that run a command in a network namespace without links, if this user may have one. */
function apart(): string[] | undefined {
  const ways = [
    ['unshare', '--net'],
    ['unshare', '--map-root-user', '--net'],
  ];
  return ways.find(([program = '', ...argv]) => spawnSync(program, [...argv, 'true']).status === 0);
}

function readAnswer(base: string): Answer {
  const out = fs.readFileSync(`${base}.out`, 'latin1');
  const packet = fs.existsSync(`${base}.packet`) ? fs.readFileSync(`${base}.packet`, 'latin1').trim() : '';
  // It reads its own packet again, as fwknopd would: what it cannot read does not count.
  if (packet !== '' && /Dump of the Decoded Data/.test(out)) return { packet };
  return { refused: out };
}

/** Opens a packet of the real client: what was random in it, and for whom. */
export function openPacket(packet: string, { key, hmac }: SpaContent): PacketNonce & { plain: string } {
  const macLength = hmac ? Math.ceil((DIGESTS[hmac.digest].bytes * 4) / 3) : 0;
  const sealed = Buffer.from(`U2FsdGVkX1${packet.slice(0, packet.length - macLength)}`, 'base64');
  const salt = sealed.subarray(8, 16);
  const rounds: Buffer[] = [];
  while (rounds.length < 3) rounds.push(md5(rounds.at(-1) ?? Buffer.alloc(0), key, salt));
  const chain = Buffer.concat(rounds);
  const decipher = crypto.createDecipheriv('aes-256-cbc', chain.subarray(0, 32), chain.subarray(32, 48));
  const plain = Buffer.concat([decipher.update(sealed.subarray(16)), decipher.final()]).toString('latin1');
  const [random = '', , time = ''] = plain.split(':');
  return { random, salt, timeS: Number(time), plain };
}

function md5(...parts: readonly Uint8Array[]): Buffer {
  return crypto.createHash('md5').update(Buffer.concat(parts)).digest();
}
