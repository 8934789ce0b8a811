import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fromBytes } from '../../src/util/bytes.ts';

/** A command line of ssh; its files lie in `home`. */
export interface Question {
  readonly home: string;
  readonly alias: string;
  readonly user?: string | undefined;
  readonly port?: number | undefined;
}

/** keyword -> value as `ssh -G` prints it; undefined where ssh refuses the file. */
export type Answer = ReadonlyMap<string, string> | undefined;

/** What `ssh -G` says to each; one shell runs them all, which is quicker than starting each from here. */
export async function askSsh(questions: readonly Question[]): Promise<Answer[]> {
  const files = questions.map(({ home }, at) => path.join(home, `answer${at}`));
  const lines = questions.map((question, at) => commandLine(question, files[at]!));
  await new Promise<void>((resolve) => {
    const env = { ...process.env, SHELL: '/bin/sh' };
    execFile('/bin/sh', ['-c', lines.join('\n')], { env }, () => resolve());
  });
  return files.map(readAnswer);
}

function commandLine({ home, alias, user, port }: Question, file: string): string {
  const options = `${user ? `-l ${user} ` : ''}${port ? `-p ${port} ` : ''}`;
  const ssh = `HOME=${home} ssh -G -F ${home}/config ${options}-- '${fromBytes(alias)}'`;
  return `cd ${home} && ${ssh} >${file} 2>/dev/null || rm -f ${file}`;
}

function readAnswer(file: string): Answer {
  if (!fs.existsSync(file)) return undefined;
  const lines = fs.readFileSync(file, 'latin1').split('\n');
  return new Map(
    lines.map((line): [string, string] => {
      const space = line.indexOf(' ');
      return [line.slice(0, space), line.slice(space + 1)];
    }),
  );
}
