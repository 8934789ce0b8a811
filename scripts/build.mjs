// Builds dist/: one small CommonJS file for the path that ssh runs (it starts 3 ms sooner than an ES module), and two
// that share what both need: the library, and the commands a person types, which alone load yargs. In all,
// `await import('node:...')` becomes a lazy require: Node's ES module loader would cost more than most of what it loads.
//
// `build.mjs single [FILE]` builds the whole program with its packages as one file instead, by default
// dist/knockproxy-single.cjs. `build.mjs system FOLDER` builds for a system's package: the program and its commands with
// their packages, for the system's own Node.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { build } from 'esbuild';

const common = {
  bundle: true,
  platform: 'node',
  target: 'node18',
  format: 'cjs',
  supported: { 'dynamic-import': false },
  packages: 'external',
  loader: { '.sh': 'text' },
  logLevel: 'warning',
};
const program = { entryPoints: ['src/main.ts'], banner: { js: '#!/usr/bin/env node' } };
const SYSTEM_NODE = '#!/usr/bin/node';
const COMMANDS = 'src/cli/run-command.ts';
const LIBRARY = 'src/index.ts';

/** A login prints no help on keywords: it does not parse their texts either. */
const withoutHelp = {
  name: 'without-help',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]src[\\/]config[\\/]keywords\.ts$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8');
      const contents = text
        .replaceAll(/^ {4}(?:help|default|value):\s+(?:'[^'\n]*'|"[^"\n]*"),\n/gm, '')
        .replaceAll(/(\bssh\(\s*'\w+',\s*(?:undefined|'\w+'),)\s*'[^'\n]*',?\s*\)/g, "$1 '')");
      if (contents.length > text.length * 0.75)
        throw new Error(`${path}: its help is written otherwise than expected`);
      return { contents, loader: 'ts' };
    });
  },
};

const [what, file] = process.argv.slice(2);
if (what === 'single') await buildSingle(file);
else if (what === 'system') await buildForSystem(file);
else {
  await Promise.all([
    buildProgram('dist'),
    buildCore('dist'),
    bundle(await commands('dist')),
    writeLibrary('dist'),
  ]);
}

async function buildForSystem(folder) {
  const build = await commands(folder);
  await Promise.all([buildProgram(folder, SYSTEM_NODE), buildCore(folder), bundleWithPackages(build)]);
}

function buildSingle(outfile = 'dist/knockproxy-single.cjs') {
  return bundleWithPackages({ ...program, outfile });
}

/** The packages may need esbuild's own __toESM, which asks what kind of module they are. */
async function bundleWithPackages(what) {
  const options = { ...common, ...what, packages: 'bundle', minify: true };
  const { metafile } = await build({ ...options, write: false, metafile: true });
  return build({ ...options, footer: { js: licences(Object.keys(metafile.inputs)) } });
}

/** The notices of the packages in the file, and ours, which their licences want in every copy. */
function licences(inputs) {
  const packages = inputs.map((file) => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1]);
  const folders = [...new Set(packages.filter(Boolean))].sort().map((name) => `node_modules/${name}`);
  const texts = ['.', ...folders].map((folder) => {
    const { name, version } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
    const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
    if (file === undefined) throw new Error(`${folder} has no licence to include`);
    return `${name} ${version}\n\n${readFileSync(`${folder}/${file}`, 'utf8').trim().replaceAll('*/', '* /')}\n`;
  });
  return `/*!\n${texts.join('\n')}*/`;
}

/** What the program imports dynamically, few logins need: it is in another file, so that the others do not parse it (2 ms). */
function buildProgram(folder, shebang = program.banner.js) {
  const apart = {
    name: 'apart',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^\..*\.ts$/ }, ({ kind, path, resolveDir }) => {
        if (kind !== 'dynamic-import') return undefined;
        const file = relative('.', resolve(resolveDir, path));
        return file === COMMANDS ? { path: './cli.cjs', external: true } : { path: file, namespace: 'core' };
      });
      loadFromCore({ onResolve, onLoad });
    },
  };
  const outfile = join(folder, 'knockproxy.cjs');
  return bundle({ ...program, banner: { js: shebang }, outfile, plugins: [apart, withoutHelp] });
}

/**
 * core.cjs has the library and what few logins need, and as `modules` those of them that others import. One copy of them is a
 * fifth of the package.
 */
async function buildCore(folder) {
  const [isShared, ofCommands, lazy] = await Promise.all([sharedModules(), inputs(COMMANDS), lazyModules()]);
  const shared = Object.entries(ofCommands)
    .filter(([file]) => !isShared(file))
    .flatMap(([, { imports }]) => imports.map(({ path }) => path).filter(isShared));
  const modules = [...new Set([...shared, ...lazy])].sort();
  const contents = [
    `export * from './${LIBRARY}';`,
    ...modules.map((file, index) => `import * as m${index} from './${file}';`),
    `export const modules = { ${modules.map((file, index) => `'${file}': m${index}`).join(', ')} };`,
  ].join('\n');
  await bundle({ stdin: { contents, resolveDir: '.', loader: 'ts' }, outfile: join(folder, 'core.cjs') });
}

/** The commands, without what core.cjs has. */
async function commands(folder) {
  const isShared = await sharedModules();
  const fromCore = {
    name: 'from-core',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^\..*\.ts$/ }, ({ path, resolveDir }) => {
        const file = relative('.', resolve(resolveDir, path));
        return isShared(file) ? { path: file, namespace: 'core' } : undefined;
      });
      loadFromCore({ onResolve, onLoad });
    },
  };
  return { entryPoints: [COMMANDS], outfile: join(folder, 'cli.cjs'), plugins: [fromCore] };
}

/** What core.cjs has in any case: the library, and what few logins need. */
async function sharedModules() {
  const entryPoints = [LIBRARY, ...(await lazyModules())];
  const options = { ...common, entryPoints, outdir: 'dist', write: false, metafile: true };
  const { inputs: all } = (await build(options)).metafile;
  return (file) => file.startsWith('src/') && file in all;
}

/** `import` gets what `require` gets: one KnockproxyError in a process. */
async function writeLibrary(folder) {
  mkdirSync(folder, { recursive: true });
  const { exports } = Object.values((await look(LIBRARY, 'esm')).outputs)[0];
  const names = exports.join(', ');
  writeFileSync(
    join(folder, 'index.cjs'),
    `const { ${names} } = require('./core.cjs');\nmodule.exports = { ${names} };\n`,
  );
  writeFileSync(join(folder, 'index.mjs'), `export { ${names} } from './index.cjs';\n`);
}

/** Modules of the namespace `core` are those that dist/core.cjs has. */
function loadFromCore({ onResolve, onLoad }) {
  onResolve({ filter: /^\.\/core\.cjs$/ }, ({ path }) => ({ path, external: true }));
  onLoad({ filter: /./, namespace: 'core' }, ({ path }) => ({
    contents: `module.exports = require('./core.cjs').modules['${path}'];`,
  }));
}

/** The modules of src that the program imports dynamically, but for the commands. */
async function lazyModules() {
  const files = Object.values(await inputs(program.entryPoints[0]));
  const imported = files.flatMap(({ imports }) =>
    imports.filter(({ kind }) => /^(dynamic-import|require-call)$/.test(kind)),
  );
  return imported.map(({ path }) => path).filter((path) => path.startsWith('src/') && path !== COMMANDS);
}

async function inputs(entry) {
  return (await look(entry)).inputs;
}

async function look(entry, format = 'cjs') {
  const options = { ...common, entryPoints: [entry], format, write: false, metafile: true };
  return (await build(options)).metafile;
}

async function bundle(options) {
  const { outputFiles } = await build({ ...common, ...options, write: false });
  const contents = cheapImports(outputFiles[0].text);
  await build({ ...common, bundle: false, stdin: { contents }, outfile: options.outfile, minify: true });
}

/**
 * esbuild gives each module of Node's that we import a copy of all its properties, which takes 2 ms of a start: they
 * inherit them here.
 */
function cheapImports(text) {
  const defined = /var __toESM = \(.*?\n\)\);\n/s;
  if (!defined.test(text))
    throw new Error('esbuild defines __toESM otherwise than scripts/build.mjs expects');
  return text.replace(
    defined,
    'var __toESM = (module) => __create(module, { default: { value: module } });\n',
  );
}
