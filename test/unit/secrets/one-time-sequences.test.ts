import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { oneTimeSequences } from '../../../src/generate/one-time-list.ts';
import type { Obtained } from '../../../src/secrets/obtained-sequences.ts';
import { planOneTime } from '../../../src/secrets/one-time-lines.ts';
import { obtainOneTime } from '../../../src/secrets/one-time-sequences.ts';
import { expectLinear } from '../linear.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { complaint, NAMES } from './names.ts';

/** A client of one file, which may also stand for the server. */
class Client {
  readonly home = temporaryFolder();
  readonly file = path.join(this.home, 'codes');
  readonly warnings: string[] = [];

  constructor(text: string) {
    fs.writeFileSync(this.file, text, { mode: 0o600 });
  }

  get text(): string {
    return fs.readFileSync(this.file, 'utf8');
  }

  obtain(waitMs?: number): Promise<Obtained> {
    const folder = path.join(this.home, 'run');
    const options = { home: this.home, folder, ...(waitMs !== undefined && { waitMs }) };
    return obtainOneTime('~/codes', NAMES, (text) => this.warnings.push(text), options);
  }

  /** One login: sends the first candidates up to that one, and opens with it; undefined: all, and does not open. */
  async login(candidate?: number): Promise<number[]> {
    const { candidates, sending, opened, release } = await this.obtain();
    for (let sent = 0; sent <= (candidate ?? candidates.length - 1); sent++) sending!(sent);
    if (candidate !== undefined) for (const { sent } of opened!([candidate])) sent();
    release!();
    return candidates.map(([step]) => step!.port);
  }
}

/** A login that sends its candidates in turn, of which some are lost, at a server that counts; it may end at any time. */
async function loginOrNot(client: Client, server: { awaits: number }, mayFail: boolean): Promise<void> {
  const { candidates, sending, opened, release } = await client.obtain();
  expect(candidates.map(([step]) => step!.port)).toContain(server.awaits);
  const arrives = (port: number) => {
    const opens = port === server.awaits;
    if (opens) server.awaits++;
    return opens;
  };
  const isInVain = mayFail && Math.random() < 0.4;
  for (let candidate = 0; candidate < candidates.length; candidate++) {
    sending!(candidate);
    const isLost = mayFail && Math.random() < 0.2;
    if (isLost || !arrives(candidates[candidate]![0]!.port) || isInVain) continue;
    for (const { steps, sent } of opened!([candidate])) {
      sent();
      if (!mayFail || Math.random() < 0.8) arrives(steps[0]!.port);
    }
    break;
  }
  release!();
}

const lines = (...columns: string[]) =>
  columns.map((column, i) => `${column}${7001 + i},${8001 + i}\n`).join('');
const FRESH = Array(12).fill(' ');

describe('KnockOneTimeFile', () => {
  it('goes strictly in order, one line an opening, marked as knockd marks it', async () => {
    const client = new Client(lines(...FRESH));
    for (let n = 1; n <= 3; n++) {
      expect((await client.login(0)).slice(0, 2)).toEqual([7000 + n, 7001 + n]);
      expect(client.text).toBe(lines(...Array(n).fill('#'), ...FRESH.slice(n)));
    }
  });

  it('gives the line in turn, the next one and the last used one', async () => {
    const client = new Client(lines('#', '#', ...FRESH));
    expect(await client.login()).toEqual([7003, 7004, 7002]);
  });

  it.each([
    ['the line in turn', 0, '###'],
    ['the next one: a confirmation was lost', 1, '####'],
    ['the last used one: it had not been used, and two lines were sent ahead', 2, '##\f\f'],
  ])('opened with %s', async (_, candidate, used) => {
    const client = new Client(lines('#', '#', ...FRESH));
    await client.login(candidate);
    expect(client.text).toBe(lines(...used, ...FRESH.slice(used.length - 2)));
  });

  it('marks nothing used when the door did not open, and looks one line further each time', async () => {
    const client = new Client(lines(...Array(40).fill(' ')));
    for (let n = 2; n <= 30; n++) {
      const sent = await client.login();
      expect(sent.slice(0, 2)).toEqual([7001, 7000 + n]);
      expect(sent.toSorted()).toEqual(Array.from({ length: n }, (_, i) => 7001 + i));
      expect(client.text).toBe(lines(...Array(n).fill('\t'), ...Array(40 - n).fill(' ')));
    }
    expect(await client.login(1)).toHaveLength(31);
    expect(client.text).toBe(lines(...Array(31).fill('#'), ...Array(9).fill(' ')));
  });

  it('tries another one of many first each time, between the two likeliest', () => {
    const given = lines(...Array(30).fill('\t'), ' ', ' ');
    for (const random of [0, 0.5, 0.999]) {
      const { order } = planOneTime(given, () => random)!;
      expect(order.slice(0, 3)).toEqual([0, 30, 29 - Math.floor(random * 29)]);
      expect(order.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 31 }, (_, i) => i));
    }
  });

  it('has those sent once more that were sent ahead of the line that opened', async () => {
    const client = new Client(lines('#', '\t', '\t', '\t', ...FRESH));
    const { candidates, sending, opened, release } = await client.obtain();
    for (const sent of [0, 1, 2]) sending!(sent);
    expect(candidates.map(([step]) => step!.port)).toEqual([7002, 7005, 7004, 7003, 7001]);
    const again = opened!([0]);
    expect(again.map(({ steps }) => steps[0]!.port)).toEqual([7003, 7004, 7005]);
    for (const { sent } of again.slice(0, 2)) sent();
    release!();
    expect(client.text).toBe(lines('#', '#', '\f', '\f', '\t', ...FRESH.slice(1)));
    expect(await client.login(0)).toEqual([7005, 7006, 7004, 7003, 7002]);
    expect(client.text).toBe(lines(...Array(5).fill('#'), ...FRESH.slice(1)));
  });

  it('counts on the first of several lines that may have opened the door', async () => {
    const client = new Client(lines('\t', '\t', '\t', ...FRESH));
    const { opened, release } = await client.obtain();
    expect(opened!([0, 1]).map(({ steps }) => steps[0]!.port)).toEqual([7002, 7003]);
    release!();
    expect(client.text).toBe(lines('#', '\t', '\t', ...FRESH));
  });

  it('agrees with the server in the end, whatever confirmations are lost', async () => {
    for (let round = 0; round < 50; round++) {
      const client = new Client(lines(...Array(60).fill(' ')));
      const server = { awaits: 7001 };
      for (let n = 0; n < 20; n++) await loginOrNot(client, server, n < 19);
      const used = server.awaits - 7001;
      expect(client.text.replaceAll('\f', '#')).toBe(
        lines(...Array(used).fill('#'), ...Array(60 - used).fill(' ')),
      );
    }
  });

  it('never gives out the last line, and warns when few are left', async () => {
    const client = new Client(lines(...FRESH.slice(0, 7)));
    for (let n = 0; n < 6; n++) expect(await client.login(0)).not.toContain(7007);
    expect(client.warnings.map((text) => text.slice(client.file.length + 2))).toEqual([
      '4 one-time sequences are left',
      '3 one-time sequences are left',
      '2 one-time sequences are left',
      'one one-time sequence is left',
      'no one-time sequence is left: the next login needs new ones',
    ]);
    const message = await complaint(() => client.login());
    expect(message).toContain(`knock_config line 2: no one-time sequence is left in ${client.file}`);
    expect(message).not.toMatch(/7007|8007/);
    expect(client.text).toBe(lines(...Array(6).fill('#'), ' '));
  });

  it.each(['', '# x\n', ' 7001,8001\n', '#7001\n 7002\n', ' 7001,8001:sctp\n 7002,8002\n'])(
    'has nothing left in %j',
    async (text) => {
      expect(await complaint(() => new Client(text).login())).toContain('no one-time sequence is left');
    },
  );

  it('passes over comments, blank lines and what knockd cannot read; overwrites any first column', async () => {
    const client = new Client('# door\n\n x:y\n7001,8001\n  # z\n7002,8002\n\t7003,8003\n 7004,8004\n');
    expect(await client.login(2)).toEqual([7001, 7003, 7002]);
    expect(client.text).toBe('# door\n\n x:y\n#001,8001\n  # z\n#002,8002\n\f7003,8003\n 7004,8004\n');
  });

  it('belongs to one process at a time; one that is killed lets go of it', async () => {
    const client = new Client(lines(...FRESH));
    const program = `
      import { obtainOneTime } from ${JSON.stringify(path.resolve('src/secrets/one-time-sequences.ts'))};
      const folder = ${JSON.stringify(path.join(client.home, 'run'))};
      await obtainOneTime(${JSON.stringify(client.file)}, ${JSON.stringify(NAMES)}, () => {}, { folder });
      console.log('locked');
      setInterval(() => {}, 1000);`;
    const holder = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await new Promise((resolve) => holder.stdout.once('data', resolve));
    fs.symlinkSync(client.file, path.join(client.home, 'link'));
    const folder = path.join(client.home, 'run');
    const other = () => obtainOneTime('~/link', NAMES, () => {}, { home: client.home, folder, waitMs: 100 });
    expect(await complaint(other)).toContain('another knockproxy is using the one-time sequences');
    const waiting = client.obtain(5000);
    holder.kill('SIGKILL');
    (await waiting).release!();
    const first = await client.obtain();
    const second = client.obtain(5000);
    first.release!();
    (await second).release!();
  });

  it.each([0o640, 0o604, 0o620])('refuses mode %o with the chmod that mends it', async (mode) => {
    const client = new Client(lines(...FRESH));
    fs.chmodSync(client.file, mode);
    const message = await complaint(() => client.login());
    expect(message).toContain(`other users can access the sequences in ${client.file}`);
    expect(message).toContain(`chmod 600 ${client.file}`);
  });

  it('refuses what is not a file, and what it cannot lock', async () => {
    const client = new Client(lines(...FRESH));
    const at = (name: string, folder = client.home) =>
      complaint(() => obtainOneTime(name, NAMES, () => {}, { home: client.home, folder }));
    expect(await at('~')).toContain('cannot open');
    expect(await at('~/none')).toContain('cannot open');
    expect(await at('/dev/null')).toContain('is not a regular file');
    expect(await at('~/codes', path.join(client.home, 'x'.repeat(120)))).toContain('cannot be created in');
  });

  it('does not touch a file that has changed under it', async () => {
    const client = new Client(lines(...FRESH));
    const { opened, release } = await client.obtain();
    const other = lines(...FRESH).replaceAll('7', '9');
    fs.writeFileSync(client.file, other);
    opened!([0]);
    release!();
    expect(client.text).toBe(other);
    expect(client.warnings.join()).toContain('could not be marked');
  });

  it('reads and marks what generate writes', async () => {
    const { text } = oneTimeSequences((below) => randomInt(below), 10);
    const client = new Client(text);
    for (let n = 0; n < 9; n++) await client.login(0);
    const marked = text.split('\n').map((line, n) => (n < 9 ? line.replace(/^ /, '#') : line));
    expect(client.text).toBe(marked.join('\n'));
  });

  it('survives 20,000 files of noise', () => {
    const pieces = [
      ' ',
      '#',
      '\t',
      '\n',
      '\r',
      '\0',
      ',',
      ':',
      'tcp',
      'udp',
      '7001',
      '99999',
      '-1',
      'é',
      'x',
    ];
    for (let n = 0; n < 20_000; n++) {
      const noise = Array.from({ length: randomInt(60) }, () => pieces[randomInt(pieces.length)]).join('');
      const bytes = n % 2 === 0 ? noise : lines(...FRESH.slice(0, 3)).replace(/7002/, () => noise);
      const plan = planOneTime(Buffer.from(bytes).toString('latin1'));
      for (const { at, text } of plan?.lines ?? []) {
        expect(
          Buffer.from(bytes)
            .toString('latin1')
            .slice(at, at + text.length),
        ).toBe(text);
      }
    }
  });

  it('takes ten times as long for ten times the lines, at most twenty', () => {
    expectLinear((count) => planOneTime(lines(...Array(count).fill('#'), ' ', ' ')), 5000);
  });
});
