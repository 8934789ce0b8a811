import { describe, expect, it } from 'vitest';
import { layOut } from '../../../../src/check/picture/picture.ts';
import { renderSvg } from '../../../../src/check/picture/render-svg.ts';
import type { Trace } from '../../../../src/check/picture/trace.ts';
import { TRACES } from './traces.ts';

describe('the SVG', () => {
  it.each(Object.entries<Trace>(TRACES))(
    'of %s: each mark lies in its frame, and no text in another',
    (_, trace) => {
      const svg = renderSvg(layOut(trace, 'check'));
      const height = Number(/ height="(\d+)"/.exec(svg)![1]);
      const texts = [...svg.matchAll(/<text x="([\d.]+)" y="([\d.]+)"[^>]*>([^<]*)</g)];
      for (const y of new Set(texts.map(([, , each]) => each))) {
        const row = texts.filter(([, , other]) => other === y);
        expect(Number(y)).toBeLessThan(height);
        const ends = row.map(([, x, , text]) => [Number(x), Number(x) + text!.length * 7.3] as const);
        ends.sort((a, b) => a[0] - b[0]);
        for (const [index, [from, to]] of ends.entries()) {
          expect(from).toBeGreaterThanOrEqual(ends[index - 1]?.[1] ?? 0);
          expect(to).toBeLessThanOrEqual(960);
        }
      }
      for (const [, x, width] of svg.matchAll(/<rect x="([\d.]+)" y="[\d.]+" width="([\d.]+)"/g))
        expect(Number(x) + Number(width)).toBeLessThanOrEqual(745);
    },
  );

  it('names the knocks by their place', () => {
    expect(renderSvg(layOut(TRACES.ok, ''))).toContain('<title>knock 3: 930 ms</title>');
    expect(renderSvg(layOut(TRACES.shut, ''))).toContain('<title>attempt 2, knock 1: ');
  });

  it('escapes what a host or a server may have put into it', () => {
    const [address] = TRACES.ok.addresses;
    const banner = { ...address!.banner!, text: 'SSH-2.0-<script>&"' };
    const svg = renderSvg(layOut({ ...TRACES.ok, addresses: [{ ...address!, banner }] }, '<b>&'));
    expect(svg).toContain('SSH-2.0-&#60;script&#62;&#38;&#34;');
    expect(svg).not.toMatch(/<script|<b>/);
  });
});
