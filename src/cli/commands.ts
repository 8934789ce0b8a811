import { addCommand } from './commands/add.ts';
import { checkCommand } from './commands/check.ts';
import { closeCommand } from './commands/close.ts';
import { completionCommand } from './commands/completion.ts';
import { generateCommand } from './commands/generate.ts';
import { importCommand } from './commands/import.ts';
import { knockCommand } from './commands/knock.ts';
import { listCommand } from './commands/list.ts';
import { listenCommand } from './commands/listen.ts';
import { openCommand } from './commands/open.ts';
import { removeCommand } from './commands/remove.ts';
import { repairCommand } from './commands/repair.ts';
import { rotateCommand } from './commands/rotate.ts';
import type { Command } from './shared/command.ts';

/** In the order of --help. */
export const COMMANDS: readonly Command[] = [
  knockCommand,
  addCommand,
  importCommand,
  listCommand,
  checkCommand,
  removeCommand,
  repairCommand,
  openCommand,
  closeCommand,
  listenCommand,
  generateCommand,
  rotateCommand,
  completionCommand,
];
