import type { JSX } from 'preact';

export interface Bar {
  readonly label: string;
  readonly value: number;
  /** The text at the end of the bar. */
  readonly shown: string;
}

const WIDTH = 640;
const LABELS = 130;
const SHOWN = 110;
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

const PLOT = { left: 56, right: 620, top: 16, bottom: 230, height: 280 };

interface Curve {
  readonly title: string;
  readonly points: readonly Point[];
  readonly xTicks: readonly number[];
  readonly yTicks: readonly number[];
  readonly xLabel: string;
  /** Follows the number at each tick of the vertical axis. */
  readonly yUnit: string;
}

/** A line chart whose axes go from 0 to their last ticks. */
export function Line({ title, points, xTicks, yTicks, xLabel, yUnit }: Curve): JSX.Element {
  const x = (value: number) => PLOT.left + (value / xTicks.at(-1)!) * (PLOT.right - PLOT.left);
  const y = (value: number) => PLOT.bottom - (value / yTicks.at(-1)!) * (PLOT.bottom - PLOT.top);
  const path = points.map((point) => `${x(point.x).toFixed(1)},${y(point.y).toFixed(1)}`).join(' ');
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
      {xTicks.map((tick) => (
        <text key={tick} class="label" x={x(tick)} y={PLOT.bottom + 20} text-anchor="middle">
          {tick}
        </text>
      ))}
      <text class="label" x={(PLOT.left + PLOT.right) / 2} y={PLOT.bottom + 42} text-anchor="middle">
        {xLabel}
      </text>
      <polyline class="curve" points={path} />
    </svg>
  );
}
