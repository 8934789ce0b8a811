import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';

const SRC = join(import.meta.dirname, '../src');

/**
 * The layers of src, lowest first: a file imports from its own folder and from the layers before it. A folder is
 * named with its parents; a file that stands directly in src is named with its suffix.
 */
const LAYERS = [
  ['util'],
  ['argv.ts', 'parent-watch.ts', 'plan', 'knockd/firewall', 'processes', 'handover'],
  ['plan/fwknop', 'knockd', 'generate', 'ssh-config', 'network'],
  ['config-edit', 'coordination', 'import'],
  ['config'],
  ['secrets'],
  ['login'],
  ['via'],
  ['check/picture'],
  ['library', 'check', 'proxy.ts'],
  ['index.ts', 'cli/config'],
  ['cli/shared'],
  ['cli/generate', 'cli/listen'],
  ['cli/server'],
  ['cli/commands'],
  ['cli/completion'],
  ['cli'],
  ['main.ts'],
];

/** They decide and do nothing: no files, sockets, clock or processes. Types of Node's modules are allowed. */
const PURE = [
  'plan',
  'plan/fwknop',
  'knockd',
  'knockd/firewall',
  'generate',
  'import',
  'config-edit',
  'check/picture',
];

interface Import {
  readonly specifier: string;
  readonly isType: boolean;
  readonly isDynamic: boolean;
}

interface Module {
  readonly file: string;
  readonly layer: string;
  readonly text: string;
  readonly imports: readonly Import[];
}

const STATIC = /^(?:import|export) (type )?[^'"]*?from '([^']+)';$/gms;
const DYNAMIC = /import\('([^']+)'\)/g;

function readModule(file: string): Module {
  const text = readFileSync(join(SRC, file), 'utf8');
  const values = text.replace(/typeof import\('[^']+'\)/g, '');
  const fixed = [...text.matchAll(STATIC)].map(([, type, specifier]) => ({
    specifier: specifier!,
    isType: type !== undefined,
    isDynamic: false,
  }));
  const dynamic = [...values.matchAll(DYNAMIC)].map(([, specifier]) => ({
    specifier: specifier!,
    isType: false,
    isDynamic: true,
  }));
  const folder = dirname(file);
  return { file, layer: folder === '.' ? file : folder, text, imports: [...fixed, ...dynamic] };
}

const modules = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map(readModule);

const heightOf = new Map(LAYERS.flatMap((folders, height) => folders.map((folder) => [folder, height])));

/** The file that an import names, below src; undefined: a package or a module of Node. */
function importedFile({ file }: Module, { specifier }: Import): string | undefined {
  return specifier.startsWith('.') ? relative(SRC, join(SRC, dirname(file), specifier)) : undefined;
}

function edges(): { from: Module; to: Module; via: Import }[] {
  const byFile = new Map(modules.map((module) => [module.file, module]));
  return modules.flatMap((from) =>
    from.imports.flatMap((via) => {
      const to = byFile.get(importedFile(from, via) ?? '');
      return to === undefined ? [] : [{ from, to, via }];
    }),
  );
}

/** The names that occur more than once. */
function repeated(names: readonly string[]): string[] {
  return names.filter((name, index) => names.indexOf(name) !== index);
}

describe('the imports of src', () => {
  it('finds them', () => {
    expect(modules.length).toBeGreaterThan(100);
    expect(edges().length).toBeGreaterThan(400);
  });

  it('has a layer for each folder, and a folder for each layer', () => {
    expect([...new Set(modules.map(({ layer }) => layer))].sort()).toEqual([...heightOf.keys()].sort());
  });

  it('point down', () => {
    const up = edges().filter(
      ({ from, to }) => from.layer !== to.layer && heightOf.get(to.layer)! >= heightOf.get(from.layer)!,
    );
    expect(up.map(({ from, to }) => `${from.file} imports ${to.file}`)).toEqual([]);
  });

  it('form no cycle', () => {
    const all = edges();
    const done = new Set<string>();
    const visit = (file: string, path: readonly string[]): string[] => {
      if (path.includes(file)) return [[...path.slice(path.indexOf(file)), file].join(' -> ')];
      if (done.has(file)) return [];
      const cycles = all
        .filter(({ from }) => from.file === file)
        .flatMap(({ to }) => visit(to.file, [...path, file]));
      done.add(file);
      return cycles;
    };
    expect(modules.flatMap(({ file }) => visit(file, []))).toEqual([]);
  });

  it('reach the commands only when main asks for them', () => {
    const outside = edges().filter(
      ({ from, to }) => to.layer.startsWith('cli') && !from.layer.startsWith('cli'),
    );
    expect(outside.map(({ from, to, via }) => `${from.file} ${to.file} ${via.isDynamic}`)).toEqual([
      'main.ts cli/run-command.ts true',
    ]);
  });

  it('leave pure folders without effects', () => {
    const impure = modules
      .filter(({ layer }) => PURE.includes(layer))
      .flatMap(({ file, imports }) =>
        imports
          .filter(({ specifier, isType }) => specifier.startsWith('node:') && !isType)
          .map(({ specifier }) => `${file} imports ${specifier}`),
      );
    expect(impure).toEqual([]);
  });

  it('take packages in the commands alone', () => {
    const packages = modules.flatMap(({ file, imports }) =>
      imports
        .filter(({ specifier }) => !specifier.startsWith('.') && !specifier.startsWith('node:'))
        .map(({ specifier }) => `${specifier} in ${file}`),
    );
    expect(packages.filter((text) => !/ in (cli|config-edit)\//.test(text))).toEqual([]);
  });
});

const COMMENT = /\/\*[\s\S]*?\*\/|\/\/.*/g;
const EXPORTED = /^export (?:(?:abstract|async) )?(?:function\*?|const|class|interface|type) (\w+)/gm;
/** Exported or not. */
const TYPE = /^(?:export )?(?:declare )?(?:abstract )?(?:interface|type|class|enum) (\w+)/gm;

describe('the names of src', () => {
  it('name each file once', () => {
    expect(repeated(modules.map(({ file }) => file.split('/').at(-1)!))).toEqual([]);
  });

  it('name each type once', () => {
    const types = modules.flatMap(({ text }) => [...text.matchAll(TYPE)].map(([, name]) => name!));
    expect(types.length).toBeGreaterThan(300);
    expect(repeated(types)).toEqual([]);
  });

  it('are exported where another file says them', () => {
    const root = join(SRC, '..');
    const files = ['src', 'test', 'bench', 'examples', 'scripts'].flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith('.ts'))
        .map((file) => join(folder, file)),
    );
    const saidIn = new Map<string, string[]>();
    for (const file of files) {
      const code = readFileSync(join(root, file), 'utf8').replace(COMMENT, '');
      for (const word of new Set(code.match(/\w+/g))) saidIn.set(word, [...(saidIn.get(word) ?? []), file]);
    }
    const exported = modules.flatMap(({ file, text }) =>
      [...text.matchAll(EXPORTED)].map(([, name]) => ({ file: join('src', file), name: name! })),
    );
    expect(exported.length).toBeGreaterThan(500);
    const alone = exported.filter(({ file, name }) => saidIn.get(name)!.every((other) => other === file));
    expect(alone.map(({ file, name }) => `${file}: ${name}`)).toEqual([]);
  });
});
