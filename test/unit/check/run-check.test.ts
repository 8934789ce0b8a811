import { expect, it } from 'vitest';
import { onePerFamily } from '../../../src/check/run-check.ts';

const target = (address: string) => ({ address, family: address.includes(':') ? 6 : 4, port: 22 }) as const;
const TARGETS = ['2001:db8::1', '192.0.2.1', '2001:db8::2', '192.0.2.2'].map(target);

it.each([
  ['a sequence', { kind: 'sequence', steps: [] }, ['2001:db8::1', '192.0.2.1']],
  ['one-time sequences, of which each check uses up one', { kind: 'one-time', path: '/f' }, ['2001:db8::1']],
] as const)('a door of %s is checked by its preferred addresses', (_, source, addresses) => {
  const checked = onePerFamily(TARGETS, { source, where: 'test' });
  expect(checked.map(({ address }) => address)).toEqual(addresses);
});
