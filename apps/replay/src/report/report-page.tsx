import type { JSX } from 'preact';
import { renderToString } from 'preact-render-to-string';
import { Bars, Line } from './charts.js';
import type { Figures } from './queries.js';

/** Renders a self-contained HTML document: it loads no script, font or image. */
export function renderReport(figures: Figures): string {
  const page = renderToString(<Report {...figures} />);
  return `<!doctype html>\n${page}\n`;
}

const number = (value: number): string => value.toLocaleString('en');
const percent = (value: number | null): string => (value === null ? '–' : `${value.toFixed(1)} %`);
const day = (instant: string | null): string => instant?.slice(0, 10) ?? '–';
const hours = (value: number): string =>
  value < 48 ? `${value.toFixed(1)} h` : `${(value / 24).toFixed(1)} d`;

function Report(figures: Figures): JSX.Element {
  const whole = figures.whole[0]!;
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>Report on invitations</title>
        <style dangerouslySetInnerHTML={{ __html: STYLE }} />
      </head>
      <body>
        <main>
          <h1>What happened to {number(whole.invitations)} invitations</h1>
          <p>
            From {day(whole.begins)} to {day(whole.ends)}: {number(whole.inviters)} members invited{' '}
            {number(whole.recipients)} others, in {number(whole.events)} events of the log.
          </p>
          <Funnel {...figures} />
          <Times {...figures} />
          <Reminders {...figures} />
          <Restrictions {...figures} />
        </main>
      </body>
    </html>
  );
}

function Funnel({ funnel }: Figures): JSX.Element {
  const sent = funnel[0]?.count ?? 0;
  const share = (count: number) => percent(sent === 0 ? null : (100 * count) / sent);
  return (
    <Section
      title="The funnel"
      intro="One invitation can be in several rows, for example replied to and later accepted."
    >
      <Bars
        title="Invitations by what happened to them"
        bars={funnel.map(({ step, count }) => ({ label: step, value: count, shown: share(count) }))}
      />
      <Table
        head={['invitations', 'number', 'of those sent']}
        rows={funnel.map(({ step, count }) => [step, number(count), share(count)])}
      />
    </Section>
  );
}

function Times({ timesToAnswer, answeredWithin }: Figures): JSX.Element {
  return (
    <Section
      title="Time to the first answer"
      intro="The curve covers invitations that are at least thirty days old. It shows how many of them had an answer by each day."
    >
      <Line
        title="Invitations answered within a number of days, in percent"
        points={answeredWithin.map(({ day: at, percent: share }) => ({ x: at, y: share ?? 0 }))}
        xTicks={[0, 5, 10, 15, 20, 25, 30]}
        yTicks={[0, 25, 50, 75, 100]}
        xLabel="days after sending"
        yUnit=" %"
      />
      <div>
        <Table
          caption="How long it took, by percentile"
          head={['first answer', 'number', '10th', '25th', 'median', '75th', '90th', '99th']}
          rows={timesToAnswer.map(({ answer, count, ...p }) => [
            answer,
            number(count),
            ...[p.p10, p.p25, p.p50, p.p75, p.p90, p.p99].map(hours),
          ])}
        />
        <Table
          caption="The curve"
          head={['within days', 'answered']}
          rows={answeredWithin
            .filter(({ day: at }) => [1, 3, 7, 14, 21, 30].includes(at))
            .map(({ day: at, percent: share }) => [String(at), percent(share)])}
        />
      </div>
    </Section>
  );
}

const reminderLabel = (count: number) => (count === 0 ? 'no reminder yet' : `reminder ${count}`);

function Reminders({ reminders }: Figures): JSX.Element {
  return (
    <Section
      title="The effect of reminders"
      intro="Of the invitations that got this many reminders, the share answered before the next one. This is not an experiment: recipients who wait for a reminder differ from those who do not."
    >
      <Bars
        title="Invitations answered after each reminder, in percent of those that got it"
        bars={reminders.map((row) => ({
          label: reminderLabel(row.reminders),
          value: row.percent ?? 0,
          shown: percent(row.percent),
        }))}
      />
      <Table
        head={['after', 'invitations', 'answered', 'share', 'acceptances by e-mail']}
        rows={reminders.map((row) => [
          reminderLabel(row.reminders),
          number(row.invitations),
          number(row.answered),
          percent(row.percent),
          percent(row.percent_by_email),
        ])}
      />
    </Section>
  );
}

function Restrictions({ restrictions, declinesAnAccount }: Figures): JSX.Element {
  const all = restrictions[0]!;
  const days = all.median_days_until_lifted;
  const label = (declines: number) => (declines === 10 ? '10 or more' : String(declines));
  return (
    <Section
      title="Declines and restrictions"
      intro="Accounts by the number of their invitations that were declined. Accounts without a decline are left out."
    >
      <Bars
        title="Accounts by the number of declines"
        bars={declinesAnAccount.map((row) => ({
          label: label(row.declines),
          value: row.accounts,
          shown: number(row.accounts),
        }))}
      />
      <div>
        <Table
          head={['', 'number']}
          rows={[
            ['declines', number(all.declines)],
            ['restrictions', number(all.restrictions)],
            ['accounts restricted', number(all.accounts)],
            ['restrictions lifted', number(all.lifted)],
            ['median days until lifted', days === null ? '–' : String(days)],
          ]}
        />
        <Table
          caption="Accounts by declines"
          head={['declines', 'accounts']}
          rows={declinesAnAccount.map((row) => [label(row.declines), number(row.accounts)])}
        />
      </div>
    </Section>
  );
}

interface SectionProps {
  readonly title: string;
  readonly intro: string;
  readonly children: [JSX.Element, JSX.Element];
}

function Section({ title, intro, children: [chart, table] }: SectionProps): JSX.Element {
  return (
    <section>
      <h2>{title}</h2>
      <p>{intro}</p>
      <div class="beside">
        <figure>{chart}</figure>
        <div class="table">{table}</div>
      </div>
    </section>
  );
}

interface TableProps {
  readonly caption?: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

function Table({ caption, head, rows }: TableProps): JSX.Element {
  return (
    <table>
      {caption === undefined ? null : <caption>{caption}</caption>}
      <thead>
        <tr>
          {head.map((cell) => (
            <th key={cell} scope="col">
              {cell}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(([first, ...others]) => (
          <tr key={first}>
            <th scope="row">{first}</th>
            {others.map((cell, index) => (
              <td key={head[index + 1]}>{cell}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** The whole style sheet, for light and dark screens and for print. */
const STYLE = `
:root { color-scheme: light dark; --ink: #1f2328; --soft: #57606a; --paper: #ffffff; --rule: #d0d7de; --bar: #2a66b8; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6edf3; --soft: #a3adb8; --paper: #0f1419; --rule: #30363d; --bar: #6ba4ee; }
}
body { margin: 0 auto; max-width: 70rem; padding: 1.5rem; font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .25rem; }
h2 { font-size: 1.25rem; margin: 2.5rem 0 .25rem; }
p { margin: .25rem 0 1rem; max-width: 46rem; color: var(--soft); }
.beside { display: flex; flex-wrap: wrap; gap: 1.5rem 2.5rem; align-items: flex-start; }
.beside > figure { flex: 1 1 26rem; margin: 0; min-width: 0; }
.beside > .table { flex: 0 1 auto; max-width: 100%; overflow-x: auto; }
svg { display: block; width: 100%; height: auto; }
svg text { font: 14px system-ui, sans-serif; fill: var(--ink); }
svg .label { fill: var(--soft); }
svg .bar { fill: var(--bar); }
svg .grid { stroke: var(--rule); }
svg .curve { fill: none; stroke: var(--bar); stroke-width: 2.5; stroke-linejoin: round; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .9rem; }
table + table { margin-top: 1.25rem; }
caption { text-align: left; color: var(--soft); padding-bottom: .25rem; }
th, td { padding: .25rem .75rem .25rem 0; border-bottom: 1px solid var(--rule); text-align: right; white-space: nowrap; }
th:first-child, td:first-child { text-align: left; }
thead th { color: var(--soft); font-weight: 600; }
tbody th { font-weight: 400; }
@media print { body { max-width: none; } section { break-inside: avoid; } }
`;
