import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { INTERRUPT, readAnswer } from '../../../../src/cli/config/prompt.ts';

/** What a person types, key by key, on a terminal in raw mode. */
function typed(keys: string, hidden = false) {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const answer = readAnswer({ input, output, prompt: 'really? ', hidden });
  for (const key of keys) input.write(key);
  return { input, answer, shown: () => String(output.read()) };
}

it('an answer is what was typed up to Return, as edited', async () => {
  expect(await typed('7001,7002\r').answer).toBe('7001,7002');
  expect(await typed('nein\u0015yes\r').answer).toBe('yes');
  expect(await typed('a\u{1f512}\u007f1\n').answer).toBe('a1');
  expect(await typed('\r').answer).toBe('');
});

it('the prompt stays when the answer is edited', async () => {
  const { answer, shown } = typed('ya\u007f\r');
  expect(await answer).toBe('y');
  expect(shown().split('\u001b[0J').at(-1)).toContain('really? y');
});

it('a hidden answer is not shown, whatever is edited', async () => {
  const { answer, shown } = typed('7003\u007f1\u0001\u0005\r', true);
  expect(await answer).toBe('7001');
  expect(shown()).toBe('really? ');
});

it.each(['', 'y', '7001,70'])('after %j an I/O error is no answer', async (keys) => {
  const { input, answer } = typed(keys);
  input.destroy(Object.assign(new Error('read EIO'), { code: 'EIO' }));
  await expect(answer).rejects.toMatchObject({
    message: 'could not read an answer from the terminal (EIO)',
    exitCode: 1,
  });
});

it.each(['', 'y', '7001,70'])('after %j the end of the terminal is no answer', async (keys) => {
  const { input, answer } = typed(keys);
  input.end();
  await expect(answer).rejects.toMatchObject({ exitCode: 1 });
});

it('Ctrl-C is no answer, with the exit status of an interrupt', async () => {
  await expect(typed('7001\u0003').answer).rejects.toMatchObject({
    message: 'interrupted',
    cause: INTERRUPT,
  });
  await expect(typed('\u0004').answer).rejects.toMatchObject({ exitCode: 1 });
});
