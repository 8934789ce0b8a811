// Writes README's list of every command anew, from --help: npx tsx --import ./scripts/text-loader.mjs scripts/readme.ts, after npm run build.
import { readFileSync, writeFileSync } from 'node:fs';
import { readCommands, synopsis } from './help.ts';

const readme = new URL('../README.md', import.meta.url);
const block = readCommands().map(synopsis).join('\n');
const text = readFileSync(readme, 'utf8');
writeFileSync(
  readme,
  text.replace(/(?<=\n## Every command\n\n```\n).*?(?=\n```)/s, () => block),
);
