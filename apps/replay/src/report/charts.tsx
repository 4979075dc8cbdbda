import type { JSX } from 'preact';

export interface Bar {
  readonly label: string;
  readonly value: number;
  /** The text at the end of the bar. */
  readonly shown: string;
}

/** As wide as a telephone, so that the texts of a chart keep their size there. */
const WIDTH = 400;
const LABELS = 126;
const SHOWN = 66;
const ROW = 30;

/** A horizontal bar chart. A screen reader takes it as one picture, because a table beside it has the same figures. */
export function Bars({ title, bars }: { title: string; bars: readonly Bar[] }): JSX.Element {
  const most = Math.max(1, ...bars.map(({ value }) => value));
  const room = WIDTH - LABELS - SHOWN;
  return (
    <svg viewBox={`0 0 ${WIDTH} ${bars.length * ROW}`} role="img" aria-label={title}>
      <title>{title}</title>
      {bars.map(({ label, value, shown }, row) => {
        const width = Math.max(value > 0 ? 1 : 0, (value / most) * room);
        const middle = row * ROW + ROW / 2;
        return (
          <g key={label}>
            <text class="label" x={LABELS - 10} y={middle} text-anchor="end" dominant-baseline="central">
              {label}
            </text>
            <rect
              class="bar"
              x={LABELS}
              y={row * ROW + 5}
              width={width.toFixed(1)}
              height={ROW - 10}
              rx="2"
            />
            <text class="value" x={(LABELS + width + 8).toFixed(1)} y={middle} dominant-baseline="central">
              {shown}
            </text>
          </g>
        );
      })}
    </svg>
  );
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

const PLOT = { left: 58, right: 388, top: 16, bottom: 230, height: 280 };

export interface Curve {
  readonly label: string;
  readonly points: readonly Point[];
}

export interface Tick {
  readonly at: number;
  readonly label: string;
}

interface LineProps {
  readonly title: string;
  /** At most three: each has a pattern of its own, because not everybody can tell colours apart. */
  readonly curves: readonly Curve[];
  readonly xTicks: readonly Tick[];
  readonly yTicks: readonly number[];
  readonly xLabel: string;
  /** Follows the number at each tick of the vertical axis. */
  readonly yUnit?: string;
}

/** A line chart whose axes go from 0 to their last ticks. */
export function Line({ title, curves, xTicks, yTicks, xLabel, yUnit = '' }: LineProps): JSX.Element {
  const lastX = Math.max(
    1,
    ...xTicks.map(({ at }) => at),
    ...curves.flatMap(({ points }) => points.map((point) => point.x)),
  );
  const x = (value: number) => PLOT.left + (value / lastX) * (PLOT.right - PLOT.left);
  const y = (value: number) => PLOT.bottom - (value / (yTicks.at(-1) ?? 1)) * (PLOT.bottom - PLOT.top);
  const path = (points: readonly Point[]) =>
    points.map((point) => `${x(point.x).toFixed(1)},${y(point.y).toFixed(1)}`).join(' ');
  return (
    <svg viewBox={`0 0 ${WIDTH} ${PLOT.height}`} role="img" aria-label={title}>
      <title>{title}</title>
      {yTicks.map((tick) => (
        <g key={tick}>
          <line class="grid" x1={PLOT.left} x2={PLOT.right} y1={y(tick)} y2={y(tick)} />
          <text class="label" x={PLOT.left - 8} y={y(tick)} text-anchor="end" dominant-baseline="central">
            {`${tick}${yUnit}`}
          </text>
        </g>
      ))}
      {xTicks.map(({ at, label }) => (
        <text
          key={at}
          class="label"
          x={x(at)}
          y={PLOT.bottom + 20}
          text-anchor={at === lastX ? 'end' : 'middle'}
        >
          {label}
        </text>
      ))}
      <text class="label" x={(PLOT.left + PLOT.right) / 2} y={PLOT.bottom + 42} text-anchor="middle">
        {xLabel}
      </text>
      {curves.map(({ label, points }, index) => (
        <g key={label}>
          <polyline class={`curve curve-${index}`} points={path(points)} />
          {curves.length === 1 ? null : (
            <>
              <line
                class={`curve curve-${index}`}
                x1={PLOT.left + 8}
                x2={PLOT.left + 36}
                y1={26 + index * 18}
                y2={26 + index * 18}
              />
              <text class="value" x={PLOT.left + 42} y={26 + index * 18} dominant-baseline="central">
                {label}
              </text>
            </>
          )}
        </g>
      ))}
    </svg>
  );
}

/** @returns about four round numbers from 0 to at least `most` */
export function roundTicks(most: number): number[] {
  const rough = Math.max(most, 4) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((size) => size >= rough)!;
  const whole = Math.max(1, Math.ceil(step));
  return Array.from({ length: Math.ceil(Math.max(most, 1) / whole) + 1 }, (_, n) => n * whole);
}
