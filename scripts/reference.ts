// Writes the reference pages of docs/: node --import ./scripts/typescript.mjs scripts/reference.ts
import { writeFileSync } from 'node:fs';
import { REFERENCE } from './reference-pages.ts';

for (const [name, page] of Object.entries(REFERENCE)) {
  writeFileSync(new URL(`../docs/${name}`, import.meta.url), page());
}
