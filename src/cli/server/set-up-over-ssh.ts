import { KnockproxyError } from '../../util/errors.ts';
import { NOTHING_WRITTEN, showPlan, writePlan } from '../config/apply-changes.ts';
import { confirm } from '../config/prompt.ts';
import { replaceFile } from '../config/replace-file.ts';
import type { DoorFiles } from '../generate/door-files.ts';
import { folderFiles, planClient, type WriteOptions } from '../generate/generate-folder.ts';
import { writeFolder } from '../generate/write-folder.ts';
import { runHere } from '../shared/run-ssh.ts';
import { directly, SshSession, shown } from './ssh-session.ts';

/**
 * Both ends of a door by one command: the server on trial, this machine, a login through the door that keeps it. Until
 * that login has succeeded the server's kernel opens the port again by itself, and this machine's files are put back.
 */
export async function setUpOverSsh(bundle: DoorFiles, options: WriteOptions): Promise<void> {
  const { host = '' } = bundle;
  const plan = await planClient(bundle, options);
  const { config } = options;
  const session = new SshSession(host, { how: directly(bundle), ...(config !== undefined && { config }) });
  try {
    const keep = session.keep(`${session.remoteFolder}/install.sh`);
    process.stderr.write(`Runs, in this order:\n${shown([session.copy, session.install])}`);
    process.stderr.write(`then changes on this machine, and logs in through the door:\n`);
    showPlan(plan);
    process.stderr.write(shown([keep]));
    if (options.dryRun) return void process.stdout.write(`${NOTHING_WRITTEN}\n`);
    if (!options.yes && !(await confirm('Do this?'))) throw new KnockproxyError('nothing was changed');
    writeFolder(session.folder, folderFiles(bundle, '', true), true);
    await runHere(session.copy);
    await runHere(session.install);
    writePlan(plan);
    process.stderr.write('logging in through the door\n');
    await runHere(keep).catch((error: unknown) => {
      for (const { path, before, after, isSecret } of plan.changes)
        replaceFile({ path, before: after, after: before, isSecret });
      throw new KnockproxyError('the login through the door failed', {
        hints: ['the files on this machine were restored; the port opens again by itself within 3 minutes'],
        cause: error,
      });
    });
    process.stdout.write(`done: ssh ${host}\n`);
  } finally {
    await session.close();
  }
}
