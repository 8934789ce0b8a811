// Writes dist/index.d.ts and dist/index.d.cts: the declarations behind src/index.ts in one file, and nothing else of
// what its modules declare. `import` and `require` each want a file of their own kind; the text is the same.
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const IMPORT = /^(?:import|export) (?:type )?\{([^}]*)\} from '([^']+)';$/gm;
/** What begins a declaration: its comment, or its first word. */
const DECLARATION = /^(?=\/\*\*|(?:export )?(?:declare|interface|type) )/m;

const folder = join(ROOT, 'dist/types');
try {
  const options =
    `--outDir ${folder} --rootDir src --declaration --emitDeclarationOnly --ignoreConfig --strict
    --exactOptionalPropertyTypes --target es2023 --module nodenext --types node --skipLibCheck
    --allowImportingTsExtensions --resolveJsonModule`.split(/\s+/);
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  execFileSync(process.execPath, [tsc, 'src/index.ts', ...options], { cwd: ROOT, stdio: 'inherit' });
  const text = bundle(join(folder, 'index.d.ts'));
  for (const name of ['index.d.ts', 'index.d.cts']) writeFileSync(join(ROOT, 'dist', name), text);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function bundle(entry: string): string {
  const files = withImported(entry);
  const [exported = '', ...rest] = files.map(({ text }) => text);
  const names = importsOf(exported).flatMap(({ names }) => names);
  const declarations = rest.flatMap((text) => declarationsOf(text.replace(IMPORT, '')));
  const kept = needed(names, declarations);
  const outside = files.flatMap(({ text }) => text.match(/^import .* from 'node:[^']+';$/gm) ?? []);
  return [...new Set(outside), '', ...kept, `export { ${names.join(', ')} };`, ''].join('\n');
}

/** A file and those of ours that it imports from, each once. */
function withImported(file: string, seen = new Set<string>()): { text: string }[] {
  if (seen.has(file)) return [];
  seen.add(file);
  const text = readFileSync(file, 'utf8');
  const ours = importsOf(text).filter(({ from }) => from.startsWith('.'));
  return [{ text }, ...ours.flatMap(({ from }) => withImported(declarationFile(file, from), seen))];
}

function declarationFile(importer: string, from: string): string {
  return join(importer, '..', from.replace(/\.ts$/, '.d.ts'));
}

function importsOf(text: string): { names: string[]; from: string }[] {
  return [...text.matchAll(IMPORT)].map(([, names = '', from = '']) => ({
    names: names.split(',').flatMap((name) => name.trim() || []),
    from,
  }));
}

/** Each with its comment, no longer exported by itself. */
function declarationsOf(text: string): string[] {
  const parts = text.split(DECLARATION);
  return parts.flatMap((part, index) => {
    if (part.startsWith('/**') && !/\*\/\s+\S/.test(part)) return [];
    const comment = parts[index - 1]?.startsWith('/**') ? parts[index - 1]! : '';
    return /^(export )?(declare|interface|type) /.test(part)
      ? [(comment + part).replace(/^export (?=declare|interface|type)/m, '').trimEnd()]
      : [];
  });
}

/** The declarations that have one of the names, and those that they name, in their order. */
function needed(names: readonly string[], declarations: readonly string[]): string[] {
  const kept = new Set<string>();
  const wanted = new Set(names.map((name) => name.replace(/^type /, '')));
  for (const name of wanted) {
    for (const declaration of declarations.filter((text) => nameOf(text) === name)) {
      kept.add(declaration);
      const code = declaration.replace(/\/\*\*[\s\S]*?\*\//g, '');
      for (const other of declarations.map(nameOf))
        if (new RegExp(`\\b${other}\\b`).test(code)) wanted.add(other);
    }
  }
  return declarations.filter((declaration) => kept.has(declaration));
}

function nameOf(declaration: string): string {
  return /^(?:declare )?(?:const|class|function|interface|type) (\w+)/m.exec(declaration)?.[1] ?? '';
}
