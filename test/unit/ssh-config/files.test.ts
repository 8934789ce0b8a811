import { expect, test } from 'vitest';
import { CONFIG, fakeSystem, find, KNOCK, SYSTEM, WANTED } from './fake-system.ts';
import { evaluate } from './load-and-evaluate.ts';

const DOOR = { text: 'KnockSequence 1' };
const PASSWD = 'root:x:0:0::/root:/bin/sh\nme:x:1000:1000::/home/me:/bin/sh\neve:x:1001:1001::/:/bin/sh\n';
const databases = (group: string, passwd = PASSWD) => ({ '/etc/passwd': passwd, '/etc/group': group });

test.each([
  [0o600, 1000, true],
  [0o644, 1000, true],
  [0o644, 0, true],
  [0o644, 1001, false],
  [0o664, 1000, false],
  [0o620, 1000, false],
  [0o646, 1000, false],
  [0o602, 1000, false],
  [0o666, 0, false],
])('mode %o, owner %i: %s', (mode, uid, isGood) => {
  for (const path of [KNOCK, CONFIG]) {
    const read = () =>
      find(
        fakeSystem({
          [path]: { ...DOOR, mode: 0o100000 | mode, uid },
          ...databases('root:x:0:\nstaff:x:1000:eve,me\n'),
        }),
      ).size;
    if (isGood) expect(read()).toBe(1);
    else expect(read).toThrow(`${path}: bad owner or permissions`);
  }
});

test('the message names the mode or the owner and says what to do', () => {
  const read = (file: object) => () => find(fakeSystem({ [CONFIG]: { ...DOOR, ...file } }));
  expect(read({ mode: 0o100666 })).toThrow(
    expect.objectContaining({
      message: `${CONFIG}: bad owner or permissions (mode 0666)`,
      hints: [`chmod go-w ${CONFIG}`],
      exitCode: 2,
    }),
  );
  expect(read({ uid: 7 })).toThrow(`${CONFIG}: bad owner or permissions (owned by uid 7)`);
});

test.each([
  ['me:x:1000:', PASSWD, true],
  ['me:x:1000:me', PASSWD, true],
  ['me:x:1000:eve', PASSWD, false],
  ['me:x:1000:me,eve', PASSWD, false],
  ['me:x:1000:', PASSWD.replace('1001:1001', '1001:1000'), false],
  // A group without members, and one of a directory service.
  ['me:x:1000:', PASSWD.replace('1000:1000', '1000:50'), false],
  ['other:x:5:', PASSWD, true],
  ['', PASSWD, false],
])('a group-writable file with the group %j', (group, passwd, isGood) => {
  const files = { [CONFIG]: { ...DOOR, mode: 0o100664 }, ...databases(group, passwd) };
  const read = () => find(fakeSystem(files)).size;
  if (isGood) expect(read()).toBe(1);
  else expect(read).toThrow('bad owner or permissions (mode 0664)');
});

test('the mode counts for what is included, from whatever file, not for -F and the system file', () => {
  const open = { ...DOOR, mode: 0o100666 };
  expect(find(fakeSystem({ [SYSTEM]: open })).size).toBe(1);
  const files = { user: '/my', userIsExplicit: true };
  const read = (system: ReturnType<typeof fakeSystem>) =>
    evaluate({ alias: 'foo', port: 22 }, files, WANTED, system);
  expect(read(fakeSystem({ '/my': open })).settings.size).toBe(1);
  expect(() => read(fakeSystem({ '/my': 'Include /x', '/x': open }))).toThrow('/x: bad owner');
  expect(() => find(fakeSystem({ [SYSTEM]: 'Include /x', '/x': open }))).toThrow('/x: bad owner');
});

const query = { alias: 'foo', port: 22 };

test.each([
  ['no files', {}, {}, undefined],
  ['an unreadable user file', {}, { [CONFIG]: { error: 'EACCES' } }, undefined],
  ['an unreadable system file', {}, { [SYSTEM]: { error: 'EACCES' } }, undefined],
  [
    'an unreadable knock_config',
    {},
    { [KNOCK]: { error: 'EACCES' } },
    `${KNOCK}: cannot be read: permission denied`,
  ],
  ['no --knock-config', { knock: '/k', knockIsExplicit: true }, {}, '/k: cannot be read: no such file'],
  ['no -F', { user: '/c', userIsExplicit: true }, {}, '/c: cannot be read: no such file'],
  ['none', { knock: 'none', knockIsExplicit: true, user: 'NONE', userIsExplicit: true }, {}, undefined],
  [
    'an unreadable Include',
    {},
    { [CONFIG]: 'Include /x', '/x': { error: 'EACCES' } },
    '/x: cannot be read: permission denied',
  ],
])('%s', (_, files, contents, error) => {
  const read = () => evaluate(query, files, WANTED, fakeSystem(contents)).settings.size;
  if (error) expect(read).toThrow(error);
  else expect(read()).toBe(0);
});

test('-F replaces the user file and the system file', () => {
  const system = fakeSystem({ [CONFIG]: 'KnockDelay 1', [SYSTEM]: 'KnockDelay 1', '/c': 'KnockSequence 1' });
  const { settings } = evaluate(query, { user: '/c', userIsExplicit: true }, WANTED, system);
  expect([...settings.keys()]).toEqual(['door']);
});
