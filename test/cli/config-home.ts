import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { PROGRAM } from './run.ts';
import type { SshConfig } from './ssh-configs.ts';

export const SEQUENCE = '17001,17002:udp,17003';
export const SECRET = /\b1700[1-9]\b/;

/** A folder with a configuration in it, and the program run for it; gone when the test is. */
export class ConfigHome {
  readonly folder = fs.mkdtempSync(path.join(os.tmpdir(), 'knockproxy-config-'));
  readonly config = path.join(this.folder, 'config');
  readonly knockConfig = path.join(this.folder, 'knock', 'knock_config');
  readonly state = path.join(this.folder, 'state', 'knockproxy');

  constructor({ text, files = {}, link }: Omit<SshConfig, 'name'> = { text: undefined }) {
    onTestFinished(() => fs.rmSync(this.folder, { recursive: true, force: true }));
    for (const [name, content] of Object.entries(files)) this.write(name, content);
    if (text === undefined) return;
    this.write(link ?? 'config', text);
    if (link !== undefined) fs.symlinkSync(link, this.config);
  }

  write(name: string, text: string): void {
    const file = path.join(this.folder, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, text.replaceAll('@', this.folder), { encoding: 'latin1', mode: 0o600 });
  }

  /** Runs the built program without a terminal, on these files. */
  run([command, ...args]: readonly string[], input = '', env: NodeJS.ProcessEnv = {}) {
    const files = ['-F', this.config, '--knock-config', this.knockConfig];
    const result = spawnSync('setsid', ['-w', process.execPath, PROGRAM, command!, ...files, ...args], {
      input,
      encoding: 'utf8',
      timeout: 30_000,
      env: { ...process.env, XDG_STATE_HOME: path.join(this.folder, 'state'), XDG_RUNTIME_DIR: '', ...env },
    });
    const { status, stdout, stderr } = result;
    return { status, stdout, stderr };
  }

  read(file = this.config): string | undefined {
    return fs.existsSync(file) ? fs.readFileSync(file, 'latin1') : undefined;
  }

  /** Everything ssh would do for a host. */
  sshG(host: string): Map<string, string> {
    if (!fs.existsSync(this.config)) return this.#ask(host, 'none');
    return this.#ask(host, this.config);
  }

  #ask(host: string, file: string): Map<string, string> {
    const { status, stdout, stderr } = spawnSync('ssh', ['-G', '-F', file, host], {
      encoding: 'latin1',
      env: { ...process.env, SHELL: '/bin/sh' },
    });
    if (status !== 0) throw new Error(`ssh -G ${host}: ${stderr}`);
    const lines = stdout.split('\n').map((line): [string, string] => {
      const blank = line.indexOf(' ');
      return [line.slice(0, blank), line.slice(blank + 1)];
    });
    return new Map(lines);
  }
}
