/**
 * Runs TypeScript: `node --import ./scripts/typescript.mjs FILE`. A `.sh` file imports as its text. Unlike tsx's own
 * command it leaves no cache in the folder for temporary files.
 */
process.env.TSX_DISABLE_CACHE = '1';
await import('tsx');
await import('./text-loader.mjs');
