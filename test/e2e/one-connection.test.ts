import { expect, test } from 'vitest';
import { describeBed } from '../netns/describe.ts';
import { ONE_CONNECTION_ROWS } from '../reliability/one-connection.ts';
import { Stage } from '../reliability/stage.ts';
import { describeRows } from '../reliability/suite.ts';

const TIMES = 4;

describeRows('one connection a login:', ONE_CONNECTION_ROWS);

describeBed('one connection each time:', () => {
  test.each(['open --verify', 'check'])('%s', { timeout: 120_000 }, async (command) => {
    const stage = await Stage.open();
    try {
      const [node = '', program = '', , ...files] = stage.command;
      const args = [program, ...command.split(' '), ...files, stage.bed.server.ip, '22'];
      const before = stage.connections();
      for (let n = 0; n < TIMES; n++) {
        const { stdout, stderr } = await stage.bed.client.exec(node, args, { env: stage.newcomer() });
        await stage.shut();
        expect(stage.connections() - before, stdout + stderr).toBe(n + 1);
      }
    } finally {
      await stage.close();
    }
  });
});
