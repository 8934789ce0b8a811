// Builds dist/: one small CommonJS file for the path that ssh runs (it starts 3 ms sooner than an ES module),
// one file for the commands a person types, which alone loads yargs. In both, `await import('node:...')` becomes a
// lazy require: Node's ES module loader would cost more than most of what it loads.
import { build } from 'esbuild';

const common = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  supported: { 'dynamic-import': false },
  packages: 'external',
  write: false,
  logLevel: 'warning',
};

/** Leaves `import('./cli/index.ts')` an import of its own file. */
const cliApart = {
  name: 'cli-apart',
  setup({ onResolve }) {
    onResolve({ filter: /\/cli\/index\.ts$/ }, ({ kind }) =>
      kind === 'dynamic-import' ? { path: './cli.cjs', external: true } : undefined,
    );
  },
};

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

async function bundle(options) {
  const { outputFiles } = await build({ ...common, ...options });
  const contents = cheapImports(outputFiles[0].text);
  await build({
    ...common,
    bundle: false,
    stdin: { contents },
    outfile: options.outfile,
    minify: true,
    write: true,
  });
}

await Promise.all([
  bundle({
    entryPoints: ['src/main.ts'],
    outfile: 'dist/knockproxy.cjs',
    banner: { js: '#!/usr/bin/env node' },
    plugins: [cliApart],
  }),
  bundle({ entryPoints: ['src/cli/index.ts'], outfile: 'dist/cli.cjs' }),
]);
