// Writes docs/commands.md from the commands' tables: npx tsx --import ./scripts/text-loader.mjs scripts/commands.ts
import { writeFileSync } from 'node:fs';
import { commandsPage } from './help.ts';

writeFileSync(new URL('../docs/commands.md', import.meta.url), commandsPage());
