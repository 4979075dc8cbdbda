import type { JSX } from 'preact';
import { renderToString } from 'preact-render-to-string';
import { Bars, Line, roundTicks, type Tick } from './charts.js';
import { QUERIES, type Figures } from './queries.js';

/**
 * Renders a self-contained HTML document: it loads no script, font or image.
 * @param filters which events are in it, in words
 */
export function renderReport(figures: Figures, filters: readonly string[] = []): string {
  const page = renderToString(<Report figures={figures} filters={filters} />);
  return `<!doctype html>\n${page}\n`;
}

const number = (value: number): string => value.toLocaleString('en');
const percent = (value: number | null): string => (value === null ? '–' : `${value.toFixed(1)} %`);
const day = (instant: string | null): string => instant?.slice(0, 10) ?? '–';
const hours = (value: number): string =>
  value < 48 ? `${value.toFixed(1)} h` : `${(value / 24).toFixed(1)} d`;

function Report({ figures, filters }: { figures: Figures; filters: readonly string[] }): JSX.Element {
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
          {filters.length === 0 ? null : (
            <p class="filters">This report is about a part of the log only: {filters.join('; ')}.</p>
          )}
          {whole.stray_events === 0 ? null : (
            <p class="filters">
              {whole.stray_events === 1 ? '1 event is' : `${number(whole.stray_events)} events are`} left out
              of the period: long after all others, the last on {day(whole.last_stray_at)}. Check the clock of
              the writer, or use --until to leave
              {whole.stray_events === 1 ? ' it ' : ' them '}out of all figures.
            </p>
          )}
          <p>
            An invitation is <strong>answered</strong> when its recipient has accepted it, replied to it or
            ignored it, whichever was first. A decline follows an ignore, so it is no answer of its own. All
            times are in UTC.
          </p>
          <Weeks {...figures} />
          <Funnel {...figures} />
          <Cohorts {...figures} />
          <Times {...figures} />
          <Network {...figures} />
          <Reminders {...figures} />
          <Restrictions {...figures} />
        </main>
      </body>
    </html>
  );
}

/** At most four labels fit under a chart. */
function weekTicks(weeks: readonly { readonly week: string }[]): Tick[] {
  const step = Math.max(1, Math.ceil(weeks.length / 4));
  return weeks.flatMap(({ week }, at) => (at % step === 0 ? [{ at, label: week }] : []));
}

const most = (...values: readonly number[]) =>
  values.reduce((greatest, value) => Math.max(greatest, value), 0);

function Weeks({ weeks }: Figures): JSX.Element {
  const curve = (label: string, valueOf: (row: Figures['weeks'][number]) => number) => ({
    label,
    points: weeks.map((row, x) => ({ x, y: valueOf(row) })),
  });
  return (
    <Section
      title="Week by week"
      intro="Each number is of what happened in that week, which begins on Monday: an answer may be to an invitation of an earlier week. The first and the last week may be incomplete."
      queries={['weeks']}
    >
      <Line
        title="Invitations sent, answered and accepted by week"
        curves={[
          curve('sent', ({ sent }) => sent),
          curve('answered', ({ answered }) => answered),
          curve('accepted', ({ accepted }) => accepted),
        ]}
        xTicks={weekTicks(weeks)}
        yTicks={roundTicks(
          most(...weeks.flatMap(({ sent, answered, accepted }) => [sent, answered, accepted])),
        )}
        xLabel="week"
      />
      <Table
        head={['week', 'sent', 'answered', 'accepted']}
        rows={weeks.map(({ week, ...row }) => [
          week,
          number(row.sent),
          number(row.answered),
          number(row.accepted),
        ])}
      />
    </Section>
  );
}

function Cohorts({ cohorts }: Figures): JSX.Element {
  return (
    <Section
      title="By month of sending"
      intro="The answers to the invitations of one month, whenever they came. A share is shown when all invitations of the month are old enough for it."
      queries={['cohorts']}
    >
      <Bars
        title="Invitations answered within thirty days, in percent, by month of sending"
        bars={cohorts.map((row) => ({
          label: row.month,
          value: row.answered_30_days ?? 0,
          shown: percent(row.answered_30_days),
        }))}
      />
      <Table
        head={['sent in', 'invitations', 'answered in 7 days', 'answered in 30 days', 'accepted in 30 days']}
        rows={cohorts.map((row) => [
          row.month,
          number(row.invitations),
          percent(row.answered_7_days),
          percent(row.answered_30_days),
          percent(row.accepted_30_days),
        ])}
      />
    </Section>
  );
}

function Network({ network }: Figures): JSX.Element {
  return (
    <Section
      title="The network"
      intro="Connections that were made by accepting an invitation, and members who have at least one, at the end of each week. It counts from the beginning of the report's period."
      queries={['network']}
    >
      <Line
        title="Connections and connected members by week"
        curves={[
          { label: 'connections', points: network.map(({ connections }, x) => ({ x, y: connections })) },
          { label: 'members', points: network.map(({ members }, x) => ({ x, y: members })) },
        ]}
        xTicks={weekTicks(network)}
        yTicks={roundTicks(most(...network.flatMap(({ connections, members }) => [connections, members])))}
        xLabel="week"
      />
      <Table
        head={['week', 'connections', 'members', 'connections a member']}
        rows={network.map(({ week, connections, members }) => [
          week,
          number(connections),
          number(members),
          members === 0 ? '–' : ((2 * connections) / members).toFixed(2),
        ])}
      />
    </Section>
  );
}

function Funnel({ funnel }: Figures): JSX.Element {
  const sent = funnel[0]?.count ?? 0;
  const share = (count: number) => percent(sent === 0 ? null : (100 * count) / sent);
  return (
    <Section
      title="The funnel"
      intro="One invitation can be in several rows, for example replied to and later accepted."
      queries={['funnel']}
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
      intro="The curve is a Kaplan–Meier estimate of the share that is answered by each day. It also counts young invitations, and those that were withdrawn or followed up before an answer, for as long as they were open."
      queries={['answeredWithin', 'timesToAnswer']}
    >
      <Line
        title="Invitations answered within a number of days, in percent"
        curves={[
          {
            label: 'answered',
            points: answeredWithin.map(({ day: at, percent: share }) => ({ x: at, y: share })),
          },
        ]}
        xTicks={[0, 5, 10, 15, 20, 25, 30].map((at) => ({ at, label: String(at) }))}
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
          head={['within days', 'answered', 'still observed']}
          rows={answeredWithin
            .filter(({ day: at }) => [1, 3, 7, 14, 21, 30].includes(at))
            .map(({ day: at, percent: share, at_risk: left }) => [String(at), percent(share), number(left)])}
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
      queries={['reminders']}
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
      queries={['declinesAnAccount', 'restrictions']}
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
  /** The queries whose figures it shows. */
  readonly queries: readonly (keyof typeof QUERIES)[];
  readonly children: [JSX.Element, JSX.Element];
}

function Section({ title, intro, queries, children: [chart, table] }: SectionProps): JSX.Element {
  return (
    <section>
      <h2>{title}</h2>
      <p>{intro}</p>
      <div class="beside">
        <figure>{chart}</figure>
        <div class="table">{table}</div>
      </div>
      <details>
        <summary>The {queries.length === 1 ? 'query' : 'queries'} for npm run replay -- sql</summary>
        <pre>{queries.map((name) => `${unindent(QUERIES[name].sql)};`).join('\n\n')}</pre>
      </details>
    </section>
  );
}

const unindent = (sql: string): string => sql.replaceAll(/^ {10}/gm, '');

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
body { margin: 0 auto; max-width: 70rem; padding: 1.5rem 1rem; font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .25rem; }
h2 { font-size: 1.25rem; margin: 2.5rem 0 .25rem; }
p { margin: .25rem 0 1rem; max-width: 46rem; color: var(--soft); }
.beside { display: flex; flex-wrap: wrap; gap: 1.5rem 2.5rem; align-items: flex-start; }
.beside > figure { flex: 1 1 20rem; max-width: 32rem; margin: 0; min-width: 0; }
.beside > .table { flex: 0 1 auto; max-width: 100%; max-height: 24rem; overflow: auto; }
svg { display: block; width: 100%; height: auto; }
svg text { font: 14px system-ui, sans-serif; fill: var(--ink); }
svg .label { fill: var(--soft); }
svg .bar { fill: var(--bar); }
svg .grid { stroke: var(--rule); }
svg .curve { fill: none; stroke: var(--bar); stroke-width: 2.5; stroke-linejoin: round; }
svg .curve-1 { stroke-dasharray: 7 4; }
svg .curve-2 { stroke-dasharray: 2 3; }
.filters { padding: .5rem .75rem; border-left: 4px solid var(--bar); color: var(--ink); }
details { margin-top: .75rem; color: var(--soft); }
pre { max-width: 100%; overflow-x: auto; font-size: .8rem; line-height: 1.4; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .9rem; }
table + table { margin-top: 1.25rem; }
caption { text-align: left; color: var(--soft); padding-bottom: .25rem; }
th, td { padding: .25rem .75rem .25rem 0; border-bottom: 1px solid var(--rule); text-align: right; white-space: nowrap; }
th:first-child, td:first-child { text-align: left; }
thead th { color: var(--soft); font-weight: 600; }
tbody th { font-weight: 400; }
@media print { body { max-width: none; } .beside > .table { max-height: none; } section { break-inside: avoid; } }
`;
