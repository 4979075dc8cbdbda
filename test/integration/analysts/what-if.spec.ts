import { describe, expect, it } from '@jest/globals';
import { accountOf, DEFAULT_POLICY, type InvitationEvent } from '#libs/invitation';
import { histories } from '../../properties/histories.js';
import { expectForAll, RUNS, TIMEOUT_MS } from '../../properties/runs.js';
import { InMemoryCommandApp } from '../../properties/in-memory-command-app.js';
import {
  accepted,
  AMAL,
  BILAL,
  declinedBy,
  ignored,
  lifted,
  reminded,
  restricted,
  sent,
} from '../../support/story.js';
import { sampleLog } from './sample.js';
import { differences, type LogEntry } from './what-if.js';

const DAY = 24 * 60 * 60_000;
const days = (count: number) => count * DAY;

const ofAmal = (...events: InvitationEvent[]): LogEntry[] =>
  events.map((event) => ({ accountId: AMAL, event }));

/** Nothing is known after the time of the last event. */
const at = (instant: string, event: InvitationEvent): InvitationEvent => ({ ...event, at: instant });
const SENT = Date.parse(sent(1).at);
const after = (count: number) => new Date(SENT + days(count)).toISOString();

describe('what-if simulation', () => {
  it('refuses later invitations under a lower limit, and voids what followed from them (R2, R35)', () => {
    const second = sent(2, { recipientId: 'chiara' });
    const { type: _type, message: _message, supersedes: _none, ...of } = second;
    const log = [
      ...ofAmal(sent(1), second, {
        ...of,
        type: 'InvitationAccepted',
        commandId: accepted(3).commandId,
        via: 'site',
      }),
      {
        accountId: 'chiara',
        event: {
          type: 'ConnectionRecorded',
          commandId: accepted(4).commandId,
          accountId: 'chiara',
          memberId: AMAL,
          through: second.invitationId,
          at: accepted(4).at,
        } satisfies InvitationEvent,
      },
    ];
    expect(
      differences(log, { invitationLimit: 1 }).map(({ kind, type, code }) => ({ kind, type, code })),
    ).toEqual([
      { kind: 'refused', type: 'InvitationSent', code: 'LIMIT_REACHED' },
      { kind: 'void', type: 'InvitationAccepted' },
      { kind: 'void', type: 'ConnectionRecorded' },
    ]);
  });

  const campaign = [
    ...declinedBy('chiara', 10),
    ...declinedBy('dalia', 13),
    sent(16, { recipientId: 'emre' }),
  ];

  it('restricts an account earlier when fewer declines restrict it (R26)', () => {
    expect(differences(ofAmal(...campaign), { restrictAfterDeclines: 2 })).toEqual(
      [
        expect.objectContaining({
          kind: 'refused',
          code: 'ACCOUNT_RESTRICTED',
          invitationId: sent(16).invitationId,
        }),
        expect.objectContaining({ kind: 'restricted', type: 'AccountRestricted', accountId: AMAL }),
      ].toReversed(),
    );
  });

  it('voids a restriction and its lift when declines never restrict (D7)', () => {
    const log = ofAmal(...declinedBy('chiara', 10), restricted(12), lifted(20));
    const present = { ...DEFAULT_POLICY, restrictAfterDeclines: 1 };
    expect(
      differences(log, { restrictAfterDeclines: 0 }, present).map(({ kind, type }) => ({ kind, type })),
    ).toEqual([
      { kind: 'not-restricted', type: 'AccountRestricted' },
      { kind: 'void', type: 'AccountRestrictionLifted' },
    ]);
    expect(differences(log, {}, present)).toEqual([]);
  });

  it('sends earlier reminders where the invitation was still untouched, and not the original ones (D6)', () => {
    const log = ofAmal(
      sent(1),
      at(after(7), reminded(2, 1, after(9))),
      at(after(8), ignored(3)),
      at(after(30), sent(4, { recipientId: 'chiara' })),
    );
    const found = differences(log, { remindersMs: [days(3), days(10)] });
    expect(found.map(({ kind, at: instant }) => ({ kind, instant }))).toEqual([
      { kind: 'reminded', instant: after(3) },
      { kind: 'not-reminded', instant: after(7) },
    ]);
  });

  it('does not report reminders that the service missed in an outage', () => {
    const log = ofAmal(sent(1), at(after(10), ignored(3)));
    expect(differences(log, {})).toEqual([]);
    expect(differences(log, { remindersMs: [days(7), days(9)] })).toEqual([
      expect.objectContaining({ kind: 'reminded', at: after(9) }),
    ]);
  });

  it('refuses a follow-up within the interval, and sends the reminders of the invitation that stays open (D2)', () => {
    const followUp = at(after(5), sent(2, { supersedes: sent(1).invitationId }));
    const log = ofAmal(sent(1), followUp, at(after(8), sent(3, { recipientId: 'chiara' })));
    const found = differences(log, { followUpIntervalMs: days(6) });
    expect(found).toEqual([
      expect.objectContaining({ kind: 'refused', code: 'TOO_SOON' }),
      expect.objectContaining({ kind: 'reminded', at: after(7), invitationId: sent(1).invitationId }),
    ]);
  });

  it(
    'reports no difference under the same policy, on the sample history',
    () => {
      expect(differences(sampleLog({ events: 20_000, seed: 5 }), {})).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it(
    'reports no difference under the same policy, on any history under any policy',
    () =>
      expectForAll(
        'what-if',
        histories,
        ({ policy, steps }) => {
          const app = new InMemoryCommandApp(policy);
          const log: LogEntry[] = [];
          for (const step of steps) {
            if (step.type === 'Crash') continue;
            const { events } = app.handle(step);
            for (const event of events) log.push({ accountId: accountOf(step), event });
          }
          expect(differences(log, {}, policy)).toEqual([]);
        },
        Math.ceil(RUNS / 4),
      ),
    TIMEOUT_MS,
  );

  it('reports differences under a stricter policy', () => {
    const log = [...sampleLog({ events: 5_000, seed: 5 })];
    const kinds = new Set(differences(log, { invitationLimit: 3 }).map(({ kind }) => kind));
    expect(kinds).toContain('refused');
    expect(kinds).toContain('void');
    expect(differences(ofAmal(sent(1, { recipientId: BILAL })), {})).toEqual([]);
  });
});
