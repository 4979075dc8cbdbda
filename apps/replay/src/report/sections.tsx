import type { JSX } from 'preact';
import { Bars, Line, roundTicks, type Tick } from './charts.js';
import { hours, number, percent } from './format.js';
import type { Figures } from './queries.js';
import { Section, Table } from './section.js';

// The sections of the report, each with a chart and the table of its numbers.

/** At most four labels fit under a chart. */
function weekTicks(weeks: readonly { readonly week: string }[]): Tick[] {
  const step = Math.max(1, Math.ceil(weeks.length / 4));
  return weeks.flatMap(({ week }, at) => (at % step === 0 ? [{ at, label: week }] : []));
}

const most = (...values: readonly number[]) =>
  values.reduce((greatest, value) => Math.max(greatest, value), 0);

export function Weeks({ weeks }: Figures): JSX.Element {
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

export function Cohorts({ cohorts }: Figures): JSX.Element {
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

export function Network({ network }: Figures): JSX.Element {
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

export function Funnel({ funnel }: Figures): JSX.Element {
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

export function Times({ timesToAnswer, answeredWithin }: Figures): JSX.Element {
  return (
    <Section
      title="Time to the first answer"
      intro="The curve is a Kaplan–Meier estimate of the share that is answered by each day. It also counts young invitations, and those that were withdrawn, followed up or expired before an answer, for as long as they were open."
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

export function Reminders({ reminders }: Figures): JSX.Element {
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

export function Restrictions({ restrictions, declinesAnAccount }: Figures): JSX.Element {
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
