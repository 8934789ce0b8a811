import { CustomChart } from 'echarts/charts';
import { GridComponent, LegendComponent, TitleComponent } from 'echarts/components';
import * as echarts from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import type { CustomSeriesRenderItem } from 'echarts/types/dist/shared';
import type { Spread } from './stats.ts';

/** Grouped bars, one group a category, one bar a series, with a whisker from `low` to `high`. */
export interface BarPlot {
  readonly title: string;
  /** What the value axis shows, with its unit. */
  readonly axis: string;
  readonly categories: readonly string[];
  /** By series name, a value for each category; undefined: not measured. */
  readonly series: Readonly<Record<string, readonly (Spread | undefined)[]>>;
}

/** Told apart by people with any kind of colour vision (Okabe and Ito 2008), and darker shades of them. */
const COLOURS =
  '#999999 #e69f00 #d55e00 #cc79a7 #555555 #56b4e9 #0072b2 #009e73 #a6d854 #00563f #f0e442 #7b4173'.split(
    ' ',
  );

/** Without a DOM nobody can measure text: about the width of a character of a sans-serif font of 12 px. */
const CHARACTER_PX = 7.3;

/** Part of a category's width that its bars take. */
const GROUP_SHARE = 0.82;

/** The plot as the text of an SVG file. */
export function svgBars(plot: BarPlot): string {
  echarts.use([CustomChart, GridComponent, LegendComponent, SVGRenderer, TitleComponent]);
  echarts.setPlatformAPI({ measureText: (text) => ({ width: text.length * CHARACTER_PX }) });
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width: 960, height: 480 });
  const names = Object.keys(plot.series);
  chart.setOption({
    animation: false,
    backgroundColor: '#ffffff',
    color: COLOURS,
    title: { text: plot.title, left: 'center' },
    legend: { bottom: 4, data: names },
    grid: { left: 56, right: 16, top: 72, bottom: 88 },
    xAxis: { type: 'category', data: [...plot.categories], axisLabel: { interval: 0, lineHeight: 14 } },
    yAxis: { type: 'value', name: plot.axis, nameTextStyle: { align: 'left' } },
    series: names.map((name, index) => ({
      name,
      type: 'custom' as const,
      silent: true,
      data: plot.series[name]!.flatMap((bar, category) =>
        bar === undefined || bar.count === 0 ? [] : [[category, bar.median, bar.low, bar.high]],
      ),
      encode: { x: 0, y: [1, 2, 3] },
      itemStyle: { color: COLOURS[index % COLOURS.length]! },
      renderItem: barWithWhisker(index, names.length),
    })),
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return `${svg}\n`;
}

/** Draws the `index`-th of `count` bars of a category. */
function barWithWhisker(index: number, count: number): CustomSeriesRenderItem {
  return (_params, api) => {
    const [category, median, low, high] = [0, 1, 2, 3].map((dimension) => Number(api.value(dimension)));
    const at = (value: number) => api.coord([category!, value]);
    const band = (api.size!([1, 0]) as number[])[0]!;
    const width = (band * GROUP_SHARE) / count;
    const x = at(0)[0]! - (band * GROUP_SHARE) / 2 + index * width;
    const [top, bottom] = [at(median!)[1]!, at(0)[1]!];
    const line = (y1: number, y2: number, x1: number, x2: number) => ({
      type: 'line' as const,
      shape: { x1, x2, y1, y2 },
      style: { stroke: '#222222', lineWidth: 1 },
    });
    const [middle, half] = [x + width / 2, Math.min(4, width / 3)];
    const [lowY, highY] = [at(low!)[1]!, at(high!)[1]!];
    const bar = {
      type: 'rect' as const,
      shape: { x, y: top, width: width * 0.92, height: bottom - top },
      style: { fill: COLOURS[index % COLOURS.length]! },
    };
    const caps = [lowY, highY].map((y) => line(y, y, middle - half, middle + half));
    return { type: 'group', children: [bar, line(lowY, highY, middle, middle), ...caps] };
  };
}
