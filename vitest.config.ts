import { defineConfig } from 'vitest/config';

export default defineConfig({
  plugins: [
    {
      name: 'shell scripts as text, as scripts/build.mjs has them',
      transform: (code, id) => (id.endsWith('.sh') ? `export default ${JSON.stringify(code)}` : undefined),
    },
  ],
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: 'test/temporary-files.ts',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Real daemons on a shared machine: a test that met a pause of the machine runs again.
    retry: process.env.CI ? 2 : 0,
  },
});
