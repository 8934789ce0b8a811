import { applyChanges } from '../config/apply-changes.ts';
import { readEditableConfigs } from '../config/editable-configs.ts';
import { planRepair } from '../config/plan-repair.ts';
import { withNote } from '../config/plan-setup.ts';
import { ownProgram } from '../config/proxy-command.ts';
import { defineCommand, type OptionTable, type OptionValues } from '../shared/command.ts';
import { DRY_RUN, FILE_OPTIONS, YES } from '../shared/option-tables.ts';

const OPTIONS = {
  ...FILE_OPTIONS,
  yes: YES,
  'dry-run': DRY_RUN,
} as const satisfies OptionTable;

/** After Node.js or knockproxy has moved, and for the unquoted lines of 1.0.0. */
export const repairCommand = defineCommand({
  name: 'repair',
  help: 'update every ProxyCommand that runs knockproxy to the form that add now writes',
  usage:
    'repair\n\n' +
    'Rewrites the ProxyCommand lines that run knockproxy. Use it after Node.js or knockproxy has moved, and for\n' +
    'lines that knockproxy 1.0.0 wrote, in which the names are unquoted. Also edits included files. Shows the changes, asks, and keeps the last 3 versions of each file.',
  operands: {},
  options: OPTIONS,
  run: repair,
});

async function repair({ yes = false, dryRun, ...files }: OptionValues<typeof OPTIONS>): Promise<void> {
  const { words, note } = ownProgram();
  const plan = planRepair(readEditableConfigs(files), words);
  const { changes, notes, found } = plan;
  if (changes.length > 0) {
    await applyChanges(withNote(plan, note), { yes, dryRun });
    return;
  }
  for (const text of notes) console.log(`note: ${text}`);
  console.log(found === 0 ? 'no ProxyCommand runs knockproxy: nothing to repair' : 'nothing to repair');
}
