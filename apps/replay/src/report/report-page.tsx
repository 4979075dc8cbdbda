import type { JSX } from 'preact';
import { renderToString } from 'preact-render-to-string';
import { day, number } from './format.js';
import type { Figures } from './queries.js';
import { STYLE } from './report-style.js';
import { Cohorts, Funnel, Network, Reminders, Restrictions, Times, Weeks } from './sections.js';

/**
 * Renders a self-contained HTML document: it loads no script, font or image.
 * @param filters which events are in it, in words
 */
export function renderReport(figures: Figures, filters: readonly string[] = []): string {
  const page = renderToString(<Report figures={figures} filters={filters} />);
  return `<!doctype html>\n${page}\n`;
}

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
