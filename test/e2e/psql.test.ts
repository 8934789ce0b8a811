import { appendFileSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { Daemon } from '../netns/daemon.ts';
import { describeBed } from '../netns/describe.ts';
import { ARTICLE_SEQUENCE, waitFor } from '../netns/index.ts';
import type { Heard } from './child.ts';
import { KNOCK_SEQUENCE } from './person.ts';
import { Scene } from './scene.ts';

const PORT = 5432;
const LOCAL = '15432';
/** Debian has the server's programs in a directory of their version. */
const BIN = binOf('/usr/lib/postgresql');
/** PostgreSQL refuses to run as root. */
const AS_POSTGRES = ['--reuid=postgres', '--regid=postgres', '--init-groups'];

describeBed('psql, a program without ProxyCommand, through knockproxy listen', () => {
  let scene: Scene;
  let postgres: Daemon;
  let folder: string;
  let listener: Heard;

  beforeAll(async () => {
    scene = await Scene.open();
    folder = mkdtempSync(join(tmpdir(), 'pg-'));
    await scene.bed.server.must('chown', ['postgres', folder]);
    postgres = await startPostgres(scene, folder);
  }, 60_000);
  afterAll(async () => {
    await postgres?.stop('SIGINT');
    await scene?.close();
    rmSync(folder, { recursive: true, force: true });
  });
  beforeEach(async () => {
    const { bed, person } = scene;
    await scene.shut({ port: PORT });
    await bed.server.firewall.nft(ARTICLE_SEQUENCE, { port: PORT });
    person.write('config', [`Host db\nHostName ${bed.server.ip}`]);
    person.write('knock_config', ['Host db', KNOCK_SEQUENCE]);
    listener = person.spawn('knockproxy', ['listen', LOCAL, 'db', String(PORT)]);
    await listener.says('listening on ');
  });
  afterEach(async () => {
    listener.child.kill('SIGKILL');
    await listener.end();
  });

  const psql = (sql: string) => ['-XAt', '-h', '127.0.0.1', '-p', LOCAL, '-U', 'postgres', '-c', sql];

  /** Sequences and SYNs to the hidden port that have arrived. */
  async function sent(): Promise<{ sequences: number; connects: number }> {
    const { syn } = await scene.bed.server.counts();
    const first = Number(ARTICLE_SEQUENCE[0]!.split(':')[0]);
    return { sequences: syn.get(first) ?? 0, connects: syn.get(PORT) ?? 0 };
  }

  test('a query costs one sequence and one connection', async () => {
    const { person } = scene;
    expect(await person.run('psql', psql('SELECT 1'))).toMatchObject({ code: 0, stdout: '1\n', stderr: '' });
    expect(await sent()).toEqual({ sequences: 1, connects: 1 });
  });

  test('a large result arrives whole, and so does what is loaded', async () => {
    const { person } = scene;
    const { stdout } = await person.run('psql', psql("SELECT repeat('x', 3000000)"));
    expect(stdout.length).toBe(3_000_001);
    const load = [
      ...psql('CREATE TEMP TABLE t (v text)'),
      '-c',
      'COPY t FROM STDIN',
      '-c',
      'SELECT count(*) FROM t',
    ];
    const input = 'line\n'.repeat(200_000);
    expect(await person.run('psql', load, { input })).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/COPY 200000\n200000\n$/),
    });
  });

  test('ten at once: one sequence, and each has its own session', async () => {
    const loop = 'for n in 1 2 3 4 5 6 7 8 9 10; do psql "$@" -c "SELECT $n FROM pg_sleep(0.3)" & done; wait';
    const [, ...options] = psql('').slice(0, -2);
    const { stdout } = await scene.person.run('sh', ['-c', loop, 'sh', '-XAt', ...options]);
    const answers = stdout.trim().split('\n').map(Number);
    expect(answers.sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(await sent()).toEqual({ sequences: 1, connects: 10 });
    expect(listener.stderr).toBe('');
  });

  test('SIGTERM ends psql, its session on the server, and the listener with 0', async () => {
    const client = scene.person.spawn('psql', psql('SELECT pg_sleep(60)'));
    await waitFor('the session', async () => (await sleepers()) === 1, 10_000);
    listener.child.kill('SIGTERM');
    expect(await listener.end()).toEqual({ code: 0, signal: null });
    expect(listener.stderr).toBe('');
    expect(await client.end()).toMatchObject({ code: 2 });
    expect(client.stderr).toContain('server closed the connection unexpectedly');
    await waitFor('the session to end', async () => (await sleepers()) === 0, 10_000);
    await scene.person.leavesNothing();
  });

  async function sleepers(): Promise<number> {
    const sql = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%'";
    const { stdout } = await scene.bed.server.must('psql', [
      '-XAt',
      '-h',
      folder,
      '-U',
      'postgres',
      '-c',
      sql,
    ]);
    return Number(stdout);
  }
}, ['psql', 'setpriv', ...(BIN === undefined ? ['postgresql'] : [])]);

/** A server of an empty database that trusts every client, as its firewall is what is tested. */
async function startPostgres({ bed }: Scene, folder: string): Promise<Daemon> {
  const data = join(folder, 'data');
  const initdb = [`${BIN}/initdb`, '-D', data, '-U', 'postgres', '--auth=trust', '--no-sync', '--locale=C'];
  await bed.server.must('setpriv', [...AS_POSTGRES, ...initdb]);
  appendFileSync(join(data, 'pg_hba.conf'), 'host all all all trust\n');
  // A session whose client is gone ends while a query still runs.
  const settings = ['fsync=off', 'listen_addresses=*', 'client_connection_check_interval=100'];
  const server = [`${BIN}/postgres`, '-D', data, '-k', folder, '-p', String(PORT)];
  return Daemon.start(
    bed.server,
    ['setpriv', ...AS_POSTGRES, ...server, ...settings.flatMap((setting) => ['-c', setting])],
    join(bed.dir, 'postgres.log'),
    (log) => log.includes('database system is ready to accept connections'),
  );
}

/** That of the newest version which has a server. */
function binOf(root: string): string | undefined {
  const versions = existsSync(root) ? readdirSync(root) : [];
  const folders = versions.sort((a, b) => Number(b) - Number(a)).map((version) => join(root, version, 'bin'));
  return folders.find((bin) => existsSync(join(bin, 'initdb')));
}
