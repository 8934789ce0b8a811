import { describe, expect, test } from 'vitest';
import { diagnose } from '../../../src/check/diagnosis.ts';
import { EXIT_CODES, exitCodeHelp } from '../../../src/check/exit-codes.ts';
import type { AddressFinding, Findings } from '../../../src/check/findings.ts';

const KNOCKED = { attempts: 12, sequenceMs: 1234 };
const SSH = { kind: 'ssh', text: 'SSH-2.0-OpenSSH_9.2' } as const;
const V4 = { address: '192.0.2.1', family: 4, port: 22, localAddress: '192.0.2.9' } as const;
const V6 = { address: '2001:db8::1', family: 6, port: 22 } as const;
const OPENS = { before: 'silent', knocked: KNOCKED, after: 'open', openMs: 30, banner: SSH } as const;
const SHUT = { before: 'silent', knocked: KNOCKED, after: 'silent' } as const;
const ERROR = { severity: 'error', text: 'a trap', fix: 'mend it' } as const;
const WORDS = { text: 'no such thing', hints: ['look'] };

function findings(addresses: readonly AddressFinding[], more: Partial<Findings> = {}): Findings {
  return { host: 'h', port: 22, traps: [], kind: 'sequence', addresses, ...more };
}

describe('judge', () => {
  const ROWS: [string, Findings, string, RegExp][] = [
    ['opens', findings([{ ...V4, ...OPENS }]), 'ok', /^$/],
    [
      'opens on both',
      findings([
        { ...V4, ...OPENS },
        { ...V6, ...OPENS },
      ]),
      'ok',
      /^$/,
    ],
    [
      'opened by us before',
      findings([{ ...V4, before: 'open', openedSecondsAgo: 3, banner: SSH }]),
      'untested',
      /opened it 3 s ago.*not tested/,
    ],
    [
      'opened by us before, over one family only',
      findings([
        { ...V4, before: 'open', openedSecondsAgo: 3, banner: SSH },
        { ...V6, ...SHUT },
      ]),
      'one-family',
      /only/,
    ],
    [
      'open before',
      findings([{ ...V4, before: 'open', banner: SSH }]),
      'open-before',
      /open without a knock/,
    ],
    [
      'IPv6 without a route',
      findings([
        { ...V4, ...OPENS },
        { ...V6, before: 'no-route' },
      ]),
      'ok',
      /^$/,
    ],
    ['no route at all', findings([{ ...V4, before: 'no-route' }]), 'no-route', /no route to 192\.0\.2\.1/],
    ['a route that ends later', findings([{ ...V4, ...SHUT, after: 'no-route' }]), 'no-route', /no route/],
    [
      'IPv6 without a route, IPv4 shut',
      findings([
        { ...V6, before: 'no-route' },
        { ...V4, ...SHUT },
      ]),
      'silent',
      /192/,
    ],
    ['silent', findings([{ ...V4, ...SHUT }]), 'silent', /stays silent after the knocks/],
    [
      'refused',
      findings([{ ...V4, ...SHUT, before: 'refused', after: 'refused' }]),
      'refused',
      /refuses connections \(RST/,
    ],
    [
      'refused after silence',
      findings([{ ...V4, ...SHUT, after: 'refused', nothingListens: true }]),
      'refused',
      /door opens, but nothing listens/,
    ],
    [
      'refused now and then',
      findings([{ ...V4, ...SHUT, after: 'refused' }]),
      'refused',
      /^\S+ port 22 refuses/m,
    ],
    ['prohibited', findings([{ ...V4, ...SHUT, after: 'prohibited' }]), 'prohibited', /\(ICMP\)/],
    ['not sent', findings([{ ...V4, before: 'silent', refusal: WORDS }]), 'not-sent', /no such thing/],
    [
      'not sent on one family, which explains more than the silence of the other',
      findings([
        { ...V4, ...SHUT },
        { ...V6, before: 'silent', refusal: WORDS },
      ]),
      'not-sent',
      /^no such thing\nlook$/,
    ],
    [
      'an address that nothing on this network has',
      findings([{ ...V4, ...SHUT, isMissing: true }]),
      'silent',
      /^nothing on this network has the address 192\.0\.2\.1 \(no answer to ARP\)\nthe machine is off.*$/,
    ],
    ['no banner', findings([{ ...V4, ...OPENS, banner: { kind: 'silent' } }]), 'no-banner', /sends nothing/],
    [
      'another banner',
      findings([{ ...V4, ...OPENS, banner: { kind: 'other' } }]),
      'no-banner',
      /does not speak SSH/,
    ],
    [
      'closed at once',
      findings([{ ...V4, ...OPENS, banner: { kind: 'closed' } }]),
      'no-banner',
      /MaxStartups/,
    ],
    [
      'IPv4 only',
      findings([
        { ...V4, ...OPENS },
        { ...V6, ...SHUT },
      ]),
      'one-family',
      /IPv4 only.*start_command_6/s,
    ],
    [
      'IPv6 only',
      findings([
        { ...V6, ...OPENS },
        { ...V4, ...SHUT },
      ]),
      'one-family',
      /IPv6 only.*iptables/s,
    ],
    ['no name', findings([], { unnamed: WORDS }), 'name', /no such thing/],
    ['no door', findings([], { unreadable: WORDS }), 'config', /no such thing/],
    ['a trap', findings([{ ...V4, ...OPENS }], { traps: [ERROR] }), 'config', /a trap.*mend it/s],
    [
      'a trap before silence',
      findings([{ ...V4, ...SHUT }], { traps: [ERROR] }),
      'config',
      /a trap.*stays silent/s,
    ],
    [
      'a warning',
      findings([{ ...V4, ...OPENS }], { traps: [{ ...ERROR, severity: 'warning' }] }),
      'ok',
      /^$/,
    ],
  ];
  test.each(ROWS)('%s', (_, found, expected, text) => {
    const { class: of, exitCode, problems } = diagnose(found);
    expect({ of, exitCode }).toEqual({ of: expected, exitCode: EXIT_CODES[of].exitCode });
    const words = problems
      .flatMap((problem) => [problem.text, ...problem.causes, ...problem.todo])
      .join('\n');
    expect(words).toMatch(text);
    if (expected !== 'ok') expect(problems[0]!.todo.length).toBeGreaterThan(0);
  });

  test('names every possible cause of silence', () => {
    const [problem] = diagnose(
      findings([{ ...V4, ...SHUT }], { delayMs: 250, knockHost: 'router' }),
    ).problems;
    const causes = problem!.causes.join('\n');
    for (const cause of [
      /wrong sequence or order/,
      /knock daemon not running/,
      /wrong interface/,
      /another source address: packets leave from 192\.0\.2\.9.*KnockHost/,
      /egress filter/,
      /window too small: the knocks took 1\.2 s.*KnockDelay 250/,
      /a port other than 22/,
      /host down/,
    ]) {
      expect(causes).toMatch(cause);
    }
  });

  test('says what the silence of a SPA door may mean', () => {
    const [problem] = diagnose(findings([{ ...V4, ...SHUT }], { kind: 'spa' })).problems;
    expect(problem!.causes.join('\n')).toMatch(
      /clock: differs from the server's by more than 120 s.*wrong key, or HMAC.*OPEN_PORTS/s,
    );
  });

  test.each<[string, Partial<AddressFinding>, Partial<Findings>, RegExp]>([
    ['nothing else is known', {}, {}, /^wrong sequence/],
    ['the sequence is long', { knocked: KNOCKED }, { delayMs: 250 }, /^window too small/],
    ['it is long without a KnockDelay', { knocked: KNOCKED }, {}, /^wrong sequence/],
    ['it is IPv6', { ...V6 }, {}, /^IPv4 only/],
  ])(
    'guesses first what there is a sign of, then what is cheapest to test: %s',
    (_, finding, more, first) => {
      const [problem] = diagnose(findings([{ ...V4, ...SHUT, ...finding }], more)).problems;
      expect(problem!.causes[0]).toMatch(first);
      const at = (cause: string) => problem!.causes.findIndex((text) => text.startsWith(cause));
      expect(at('wrong sequence')).toBeLessThan(at('knock daemon'));
      expect(at('knock daemon')).toBeLessThan(at('wrong interface'));
    },
  );

  test('warns of a door that stays open', () => {
    const { class: of, warnings } = diagnose(findings([{ ...V4, ...OPENS, closed: false }]));
    expect({ of, count: warnings.length }).toEqual({ of: 'ok', count: 1 });
  });
});

test('each class has an exit status of its own, and stands in the help in their order', () => {
  const codes = Object.values(EXIT_CODES).map(({ exitCode }) => exitCode);
  expect(codes).toEqual([...new Set(codes)].sort((a, b) => a - b));
  for (const [name, { exitCode, help }] of Object.entries(EXIT_CODES)) {
    expect(exitCodeHelp()).toMatch(
      new RegExp(`^ +${exitCode}  ${name} +${help.replace(/[()]/g, '\\$&')}$`, 'm'),
    );
  }
});
