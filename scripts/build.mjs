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
  minify: true,
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

await Promise.all([
  build({
    ...common,
    entryPoints: ['src/main.ts'],
    outfile: 'dist/knockproxy.cjs',
    banner: { js: '#!/usr/bin/env node' },
    plugins: [cliApart],
  }),
  build({ ...common, entryPoints: ['src/cli/index.ts'], outfile: 'dist/cli.cjs' }),
]);
