import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Browser } from 'playwright-core';
import type { InvitationEvent } from '#libs/invitation';
import { QUERIES, queryFigures, type Figures } from '../../../apps/replay/src/report/queries.js';
import { renderReport } from '../../../apps/replay/src/report/report-page.js';
import { noBrowser, openBrowser } from '../../support/browser.js';
import { accepted, id, ignored, restored, sent, withdrawn } from '../../support/story.js';
import { ReplayHarness } from '../replay/support/replay-harness.js';
import { databaseOf, printed } from './database.js';
import { sampleLog } from './sample.js';

jest.setTimeout(300_000);

const DAY = 24 * 60 * 60_000;
/** A Monday. */
const BEGIN = Date.parse('2026-01-05T00:00:00Z');

const at = (days: number) => new Date(BEGIN + days * DAY).toISOString();
const about = (n: number, event: InvitationEvent, days: number) => ({
  accountId: 'amal',
  event: {
    ...event,
    invitationId: `amal.${id(n)}`,
    inviterId: 'amal',
    recipientId: `r${n}`,
    at: at(days),
  } as InvitationEvent,
});

/**
 * Five invitations of one moment: accepted after two days, withdrawn after three, ignored after four, accepted after eight,
 * and open when the period ends after ten.
 */
const FIVE = [
  ...[1, 2, 3, 4, 5].map((n) => about(n, sent(n), 0)),
  about(1, accepted(11), 2),
  about(2, withdrawn(12), 3),
  about(3, ignored(13), 4),
  about(4, accepted(14), 8),
  about(6, sent(6), 10),
];

async function figuresOf(log: Parameters<typeof databaseOf>[0]): Promise<Figures> {
  const database = await databaseOf(log);
  try {
    return await queryFigures(database);
  } finally {
    database.close();
  }
}

describe('the figures of replay report', () => {
  let figures: Figures;
  beforeAll(async () => void (figures = await figuresOf(FIVE)));

  it('estimate the share of answers by Kaplan–Meier, with open and withdrawn invitations as censored', () => {
    const percent = Object.fromEntries(figures.answeredWithin.map((row) => [row.day, row.percent]));
    // The sixth invitation is censored at once, so it is at risk at no answer.
    const [two, four, eight] = [4 / 5, (4 / 5) * (2 / 3), (4 / 5) * (2 / 3) * (1 / 2)];
    const answered = (unanswered: number) => Math.round(1_000 * (1 - unanswered)) / 10;
    expect([0, 1, 2, 3, 4, 7, 8, 30].map((day) => percent[day])).toEqual([
      0,
      0,
      answered(two),
      answered(two),
      answered(four),
      answered(four),
      answered(eight),
      answered(eight),
    ]);
    expect(figures.answeredWithin.map((row) => row.at_risk).slice(0, 11)).toEqual([
      6, 5, 5, 4, 3, 2, 2, 2, 2, 1, 1,
    ]);
  });

  it('count by week what happened in it', () => {
    expect(figures.weeks).toEqual([
      { week: '2026-01-05', sent: 5, answered: 2, accepted: 1 },
      { week: '2026-01-12', sent: 1, answered: 1, accepted: 1 },
    ]);
  });

  it('count an invitation that was moved back to the inbox as such, and not as untouched (D20)', async () => {
    const counts = async (log: typeof FIVE) =>
      Object.fromEntries((await figuresOf(log)).funnel.map(({ step, count }) => [step, count]));
    const before = await counts(FIVE);
    expect(before).toMatchObject({ ignored: 1, 'moved back': 0, 'still untouched': 2 });
    expect(await counts([...FIVE, about(3, restored(15), 5)])).toEqual({ ...before, 'moved back': 1 });
  });

  it('add up connections and connected members', () => {
    expect(figures.network).toEqual([
      { week: '2026-01-05', connections: 1, members: 2 },
      { week: '2026-01-12', connections: 2, members: 3 },
    ]);
  });

  it('show a share of a month only if all its invitations are old enough', async () => {
    expect(figures.cohorts).toMatchObject([
      { month: '2026-01', invitations: 6, answered_7_days: null, answered_30_days: null },
    ]);
    const later = await figuresOf([...FIVE, about(7, sent(7), 45)]);
    expect(later.cohorts).toMatchObject([
      {
        month: '2026-01',
        invitations: 6,
        answered_7_days: 33.3,
        answered_30_days: 50,
        accepted_30_days: 33.3,
      },
      { month: '2026-02', invitations: 1, answered_7_days: null, answered_30_days: null },
    ]);
  });

  it('do not end with a stray event, and the page says that there is one', async () => {
    const log = [...sampleLog({ events: 2_000, seed: 1 })];
    const stray = {
      accountId: 'amal',
      event: { ...about(9, sent(9), 0).event, at: '2027-01-01T00:00:00.000Z' },
    };
    const [before, after] = [await figuresOf(log), await figuresOf([...log, stray])];
    expect(after.whole[0]).toMatchObject({ ends: before.whole[0]!.ends, stray_events: 1 });
    expect(after.answeredWithin).toEqual(before.answeredWithin);
    expect(after.weeks).toEqual(before.weeks);
    expect(renderReport(after)).toContain('1 event is left out of the period');
    expect(renderReport(before)).not.toContain('left out of the period');
  });

  it('are empty, and the page renders, for a log without events', async () => {
    const empty = await figuresOf([]);
    expect(empty.answeredWithin).toEqual([]);
    expect(renderReport(empty)).toContain('What happened to 0 invitations');
  });
});

describe('the page of replay report', () => {
  it('shows the query of each figure, which replay sql answers', async () => {
    const database = await databaseOf(FIVE);
    const page = renderReport(await queryFigures(database));
    const shown = [...page.matchAll(/<pre>([^<]*)<\/pre>/g)].map(([, text]) =>
      text!
        .replaceAll('&lt;', '<')
        .replaceAll('&gt;', '>')
        .replaceAll('&quot;', '"')
        .replaceAll('&amp;', '&'),
    );
    const count = shown.join('').match(/;/g)!.length;
    expect(count).toBe(Object.keys(QUERIES).length - 1);
    for (const text of shown) expect(await printed(database, text)).not.toBe('');
    database.close();
  });

  it('explains what answered means', async () => {
    expect(renderReport(await figuresOf(FIVE))).toMatch(
      /<strong>answered<\/strong> when its recipient has accepted it/,
    );
  });

  describe('on the command line', () => {
    let harness: ReplayHarness;
    beforeAll(async () => void (harness = await ReplayHarness.open()));
    afterAll(() => harness.close());

    it('names its filters, and no member with pseudonyms', async () => {
      const filters = ['report', '--account', 'amal', '--since', '2026-01-01', '--until', '2026-02-01'];
      const { out } = await harness.replay(filters);
      expect(out).toContain(
        'a part of the log only: what the owner of one account amal did as an inviter; from 2026-01-01T00:00:00.000Z on; ' +
          'before 2026-02-01T00:00:00.000Z.',
      );
      const disguised = await harness.replay([...filters, '--pseudonyms'], {
        REPLAY_PSEUDONYM_KEY: 'k'.repeat(32),
      });
      expect(disguised.out).toContain('members have pseudonyms');
      expect(disguised.out).not.toContain('amal');
    });

    it('refuses filters that would make its figures meaningless', async () => {
      for (const [args, why] of [
        [['--type', 'InvitationSent'], 'needs all types'],
        [['--invitation', `amal.${id(1)}`], 'not about one invitation'],
        [['--since', '2026-02-01', '--until', '2026-02-01'], 'later than --since'],
      ] as const) {
        const refused = await harness.replay(['report', ...args], { EVENTSTORE_URL: '' });
        expect(refused).toMatchObject({ code: 2, out: '', err: expect.stringContaining(why) });
      }
    });
  });

  (noBrowser === undefined ? describe : describe.skip)('on a telephone', () => {
    let browser: Browser;
    beforeAll(async () => void (browser = await openBrowser()));
    afterAll(() => browser.close());

    it.each([
      ['half a year', [...sampleLog({ events: 4_000, seed: 2 })]],
      ['two weeks', FIVE],
    ])('needs no scrolling sideways at 390 px, and cuts no text of a chart: %s', async (_span, log) => {
      const page = await browser.newPage({ viewport: { width: 390, height: 844 } });
      await page.setContent(renderReport(await figuresOf(log)));
      const { width, smallest, cut } = await page.evaluate(() => {
        const texts = [...document.querySelectorAll<SVGTextElement>('svg text')].map((text) => ({
          own: text.getBoundingClientRect(),
          chart: text.ownerSVGElement!.getBoundingClientRect(),
        }));
        return {
          width: document.documentElement.scrollWidth,
          smallest: Math.min(...texts.map(({ own }) => own.height)),
          cut: texts.filter(({ own, chart }) => own.left < chart.left || own.right > chart.right).length,
        };
      });
      expect({ width, cut }).toEqual({ width: 390, cut: 0 });
      expect(smallest).toBeGreaterThan(11);
      await page.close();
    });
  });
});
