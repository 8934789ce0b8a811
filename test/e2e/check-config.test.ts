import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { describeBed } from '../netns/describe.ts';
import { ARTICLE_SEQUENCE } from '../netns/index.ts';
import { CheckScene } from './check-scene.ts';

const SEQUENCE = `KnockSequence ${ARTICLE_SEQUENCE.join(',')}`;

describeBed('knockproxy check, of the configuration', () => {
  let scene: CheckScene;
  beforeAll(async () => {
    scene = await CheckScene.open();
  });
  afterAll(() => scene?.close());
  beforeEach(() => scene.mend());

  describe('finds what is wrong in the configuration:', () => {
    const HOST = [
      'Host server',
      'HostName here.example',
      "ProxyCommand knockproxy -- '%h' %p '%n'",
      SEQUENCE,
    ];
    const QUICK = 'KnockTimeout 0.1';
    const TRAPS: [string, RegExp, readonly string[]][] = [
      ['missing', /line 4, .*IgnoreUnknown Knock\* is missing/, [...HOST, QUICK]],
      [
        'doubled',
        /in .* line 2 has no effect, .* line 1 comes/,
        ['IgnoreUnknown Use*', 'IgnoreUnknown Knock*'],
      ],
      ['inside a Host block', /is inside a Host/, ['Host other', 'IgnoreUnknown Knock*']],
      ['too late', /line 7 comes too late/, [...HOST, QUICK, 'Host *', 'IgnoreUnknown Knock*']],
    ];
    test.each(TRAPS)('IgnoreUnknown %s, which ssh refuses too', async (_, text, lines) => {
      scene.configureInSsh(lines.includes(SEQUENCE) ? lines : [...lines, ...HOST, QUICK]);
      const { code, stdout } = await scene.check();
      expect(stdout).toMatch(text);
      expect(code).toBe(2);
      const { stderr } = await scene.person.run('sh', ['-c', 'ssh -G server 2>&1 >&2 | tail -n 1 >&2']);
      expect(stderr).toMatch(/bad configuration option/);
    });

    const PROXIES: [string, RegExp, readonly string[]][] = [
      ['none at all', /ssh runs no ProxyCommand/, []],
      ['not ours', /ProxyCommand in .*config line 3 is not knockproxy/, ['ProxyCommand nc %h %p']],
      ['a path that is gone', /\/gone\/knockproxy does not exist/, ['ProxyCommand /gone/knockproxy %h %p']],
      [
        'a script that is gone',
        /there is no \/gone\/knockproxy\.cjs/,
        [`ProxyCommand ${process.execPath} /gone/knockproxy.cjs %h %p`],
      ],
      ['a ProxyJump before it', /ssh uses ProxyJump/, ['ProxyJump j', 'ProxyCommand knockproxy %h %p']],
    ];
    test.each(PROXIES)('ProxyCommand: %s', async (_, text, proxy) => {
      const lines = ['KnockTimeout 0.1'];
      const result = await scene.checkBroken(() => {}, { hostName: 'here.example', proxy, lines });
      expect(result).toMatchObject({ code: 2, class: 'config' });
      expect(result.verdict).toMatch(text);
    });

    test('a name that cron does not find, as a warning', async () => {
      const proxy = ["ProxyCommand knockproxy -- '%h' %p '%n' '%r'"];
      const { code, verdict } = await scene.checkBroken(undefined, { proxy });
      expect(verdict).toMatch(/^warning: .*knockproxy is not found with PATH=\/usr\/bin:\/bin/m);
      expect(code).toBe(0);
    });

    test('names without quotes, as a warning', async () => {
      const { code, verdict } = await scene.checkBroken(undefined, {
        proxy: ['ProxyCommand knockproxy %h %p %n'],
      });
      expect(verdict).toMatch(/^warning: ProxyCommand in .*config line 3 has %h, %n without quotes/m);
      expect(code).toBe(0);
    });

    test('a ProxyCommand without %n, where two aliases differ', async () => {
      const lines = ['KnockTimeout 0.1', 'Host twin', 'KnockSequence 1,2'];
      const proxy = ['ProxyCommand knockproxy %h %p', 'Host twin', 'HostName here.example'];
      const result = await scene.checkBroken(() => {}, { hostName: 'here.example', proxy, lines });
      expect(result).toMatchObject({ code: 2, class: 'config' });
      expect(result.verdict).toMatch(/passes no %n/);
    });

    test('nothing, where Match exec runs once, as it says', async () => {
      const lines = ['KnockTimeout 0.1', 'Match exec "echo ran >> ~/ran"', 'KnockDelay 1'];
      const { stdout } = await scene.checkBroken(() => {}, { hostName: 'here.example', lines });
      expect(stdout).toMatch(/; ran 1 of its Match exec commands, as ssh does/);
      expect(readFileSync(join(scene.person.home, 'ran'), 'utf8')).toBe('ran\n');
    });

    test('a sequence that others can read', async () => {
      const result = await scene.checkBroken(() => scene.setMode('knock_config', 0o644));
      expect(result).toMatchObject({ code: 2, class: 'config' });
      expect(result.verdict).toMatch(/can be read by others \(mode 0644\).*\n.*chmod 600/);
    });

    test('a file that others can write', async () => {
      const result = await scene.checkBroken(() => scene.setMode('config', 0o666));
      expect(result).toMatchObject({ code: 2, class: 'config' });
      expect(result.verdict).toMatch(/bad owner or permissions/);
    });

    test('no door', async () => {
      const result = await scene.checkBroken(() =>
        scene.person.write('knock_config', ['Host other', SEQUENCE]),
      );
      expect(result).toMatchObject({ code: 2, class: 'config' });
      expect(result.verdict).toMatch(/no door is configured for server/);
    });
  });
});
