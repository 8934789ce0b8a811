import type { Names } from '../../../src/secrets/obtained-sequences.ts';

export const NAMES: Names = {
  host: 'server.example',
  alias: 'server',
  port: 22,
  user: 'alice',
  where: 'knock_config line 2',
};

/** The message and hints of what a promise or function throws. */
export async function complaint(run: () => unknown): Promise<string> {
  try {
    await run();
  } catch (error) {
    const { message, hints = [] } = error as { message: string; hints?: string[] };
    return [message, ...hints].join('\n');
  }
  throw new Error('nothing was thrown');
}
