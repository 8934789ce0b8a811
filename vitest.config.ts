import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Real daemons on a shared machine: a test that met a pause of the machine runs again.
    retry: process.env.CI ? 2 : 0,
  },
});
