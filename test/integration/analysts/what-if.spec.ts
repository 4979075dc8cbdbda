import { describe, expect, it } from '@jest/globals';
import { asyncProperty, assert, constantFrom } from 'fast-check';
import { accountOf, DEFAULT_POLICY, type InvitationEvent, type Policy } from '#libs/invitation';
import { histories, type History } from '../../properties/histories.js';
import { expectForAll, RUNS, TIMEOUT_MS } from '../../properties/runs.js';
import { InMemoryCommandApp } from '../../properties/in-memory-command-app.js';
import {
  accepted,
  AMAL,
  BILAL,
  declinedBy,
  expired,
  ignored,
  lifted,
  reminded,
  replied,
  restricted,
  sent,
} from '../../support/story.js';
import { sampleLog } from './sample.js';
import { differences, differencesInLogOrder, type LogEntry } from './what-if.js';

const DAY = 24 * 60 * 60_000;
const days = (count: number) => count * DAY;

const ofAmal = (...events: InvitationEvent[]): LogEntry[] =>
  events.map((event) => ({ accountId: AMAL, event }));

/** Nothing is known after the time of the last event. */
const at = (instant: string, event: InvitationEvent): InvitationEvent => ({ ...event, at: instant });
const SENT = Date.parse(sent(1).at);
const after = (count: number) => new Date(SENT + days(count)).toISOString();

/** Returns what the command app stores for the steps of a history. */
function logOf({ policy, steps }: History): LogEntry[] {
  const app = new InMemoryCommandApp(policy);
  return steps.flatMap((step) =>
    step.type === 'Crash'
      ? []
      : app.handle(step).events.map((event) => ({ accountId: accountOf(step), event })),
  );
}

describe('what-if simulation', () => {
  it('refuses later invitations under a lower limit, and voids what followed from them (R2, R35)', async () => {
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
      (await differences(log, { invitationLimit: 1 })).map(({ kind, type, code }) => ({ kind, type, code })),
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

  it('restricts an account earlier when fewer declines restrict it (R26)', async () => {
    expect(await differences(ofAmal(...campaign), { restrictAfterDeclines: 2 })).toEqual(
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

  it('voids a restriction and its lift when declines never restrict (D7)', async () => {
    const log = ofAmal(...declinedBy('chiara', 10), restricted(12), lifted(20));
    const present = { ...DEFAULT_POLICY, restrictAfterDeclines: 1 };
    expect(
      (await differences(log, { restrictAfterDeclines: 0 }, present)).map(({ kind, type }) => ({
        kind,
        type,
      })),
    ).toEqual([
      { kind: 'not-restricted', type: 'AccountRestricted' },
      { kind: 'void', type: 'AccountRestrictionLifted' },
    ]);
    expect(await differences(log, {}, present)).toEqual([]);
  });

  it('sends earlier reminders where the invitation was still untouched, and not the original ones (D6)', async () => {
    const log = ofAmal(
      sent(1),
      at(after(7), reminded(2, 1, after(9))),
      at(after(8), ignored(3)),
      at(after(30), sent(4, { recipientId: 'chiara' })),
    );
    const found = await differences(log, { remindersMs: [days(3), days(10)] });
    expect(found.map(({ kind, at: instant }) => ({ kind, instant }))).toEqual([
      { kind: 'reminded', instant: after(3) },
      { kind: 'not-reminded', instant: after(7) },
    ]);
  });

  it('does not report reminders that the service missed in an outage', async () => {
    const log = ofAmal(sent(1), at(after(10), ignored(3)));
    expect(await differences(log, {})).toEqual([]);
    expect(await differences(log, { remindersMs: [days(7), days(9)] })).toEqual([
      expect.objectContaining({ kind: 'reminded', at: after(9) }),
    ]);
  });

  it('refuses a follow-up within the interval, and sends the reminders of the invitation that stays open (D2)', async () => {
    const followUp = at(after(5), sent(2, { supersedes: sent(1).invitationId }));
    const log = ofAmal(sent(1), followUp, at(after(8), sent(3, { recipientId: 'chiara' })));
    const found = await differences(log, { followUpIntervalMs: days(6) });
    expect(found).toEqual([
      expect.objectContaining({ kind: 'refused', code: 'TOO_SOON' }),
      expect.objectContaining({ kind: 'reminded', at: after(7), invitationId: sent(1).invitationId }),
    ]);
  });

  it('expires what was still open, whatever its recipient did, and voids later acceptances (D22, D1)', async () => {
    const log = ofAmal(
      sent(1),
      at(after(1), sent(2, { recipientId: 'chiara' })),
      at(after(2), ignored(3)),
      at(after(40), accepted(4)),
      at(after(41), sent(5, { recipientId: 'chiara', supersedes: sent(2).invitationId })),
    );
    const found = await differences(log, { invitationExpiryMs: days(30), remindersMs: [] });
    expect(found.map(({ kind, type, at: instant }) => ({ kind, type, instant }))).toEqual([
      { kind: 'expired', type: 'InvitationExpired', instant: after(30) },
      { kind: 'expired', type: 'InvitationExpired', instant: after(31) },
      { kind: 'void', type: 'InvitationAccepted', instant: after(40) },
      { kind: 'changed', type: 'InvitationSent', instant: after(41) },
    ]);
    expect(await differences(log, { invitationExpiryMs: days(60), remindersMs: [] })).toEqual([]);
  });

  it('compares the expiries of the service with those of another policy (D22)', async () => {
    const present = { ...DEFAULT_POLICY, invitationExpiryMs: days(30), remindersMs: [] };
    const log = ofAmal(sent(1), at(after(31), expired(2)), at(after(50), sent(3, { recipientId: 'chiara' })));
    expect(await differences(log, {}, present)).toEqual([]);
    expect(await differences(log, { invitationExpiryMs: 0 }, present)).toEqual([
      expect.objectContaining({ kind: 'not-expired', at: after(31) }),
    ]);
    expect(await differences(log, { invitationExpiryMs: days(10) }, present)).toEqual([
      expect.objectContaining({ kind: 'expired', at: after(10) }),
    ]);
    expect(
      (await differences(log, { invitationExpiryMs: days(40) }, present)).map(({ kind }) => kind),
    ).toEqual(['not-expired', 'expired']);
  });

  it(
    'reports no difference under the same policy, on the sample history',
    async () => {
      expect(await differences(sampleLog({ events: 20_000, seed: 5 }), {})).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it(
    'reports no difference under the same policy, on any history under any policy',
    () =>
      expectForAll(
        'what-if',
        histories,
        (history) => expect(differencesInLogOrder(logOf(history), {}, history.policy)).toEqual([]),
        Math.ceil(RUNS / 4),
      ),
    TIMEOUT_MS,
  );

  const OTHERS: readonly Partial<Policy>[] = [
    { invitationLimit: 3 },
    { restrictAfterDeclines: 1 },
    { invitationLimit: 20, restrictAfterDeclines: 2, remindersMs: [days(3), days(10)] },
    { invitationExpiryMs: days(10), followUpIntervalMs: days(30) },
  ];

  it.each(OTHERS)(
    'finds account by account what it finds in the order of the log, on the sample history with %j',
    async (other) => {
      const log = [...sampleLog({ events: 5_000, seed: 5 })];
      const found = await differences(log, other);
      expect(found.length).toBeGreaterThan(20);
      expect(found).toEqual(differencesInLogOrder(log, other));
    },
    TIMEOUT_MS,
  );

  it(
    'finds account by account what it finds in the order of the log, on any history',
    () =>
      assert(
        asyncProperty(histories, constantFrom(...OTHERS), async (history, other) => {
          const log = logOf(history);
          expect(await differences(log, other, history.policy)).toEqual(
            differencesInLogOrder(log, other, history.policy),
          );
        }),
        { numRuns: 20 },
      ),
    TIMEOUT_MS,
  );

  it('reports no difference for texts that cannot be read', async () => {
    const log = ofAmal(sent(1, { message: null }), { ...replied(2), message: null } as InvitationEvent);
    expect(await differences(log, {})).toEqual([]);
  });

  it('reports differences under a stricter policy', async () => {
    const log = [...sampleLog({ events: 5_000, seed: 5 })];
    const kinds = new Set((await differences(log, { invitationLimit: 3 })).map(({ kind }) => kind));
    expect(kinds).toContain('refused');
    expect(kinds).toContain('void');
    expect(await differences(ofAmal(sent(1, { recipientId: BILAL })), {})).toEqual([]);
  });
});
