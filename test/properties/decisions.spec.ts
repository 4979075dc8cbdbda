import { describe, expect, it } from '@jest/globals';
import { accountOf, evolve, initialState, type Account, type Command } from '#libs/invitation';
import {
  accountRestrictionProjection,
  archiveProjection,
  connectionsProjection,
  inboxProjection,
  remindersProjection,
  sentProjection,
} from '#libs/read-models';
import { rowsAfter } from '../support/rows.js';
import { histories, type History } from './histories.js';
import { declinersSinceLift, expected, lists, numberSent, statusOf, type Facts } from './model.js';
import { expectForAll, RUNS, TIMEOUT_MS } from './runs.js';
import { expectEqual } from './expect-equal.js';
import { InMemoryCommandApp, type Answer } from './in-memory-command-app.js';

describe('decide for any history', () => {
  it(
    'equals the model, with repeats and crashes (R1–R35, D1–D11, D20)',
    () => expectForAll('decisions', histories, check, RUNS),
    TIMEOUT_MS,
  );
});

function check({ policy, steps }: History): void {
  const app = new InMemoryCommandApp(policy, true);
  const delivered: Command[] = [];
  const told = new Map<string, Answer>();
  const ask = (command: Command) => {
    const facts = [...app.stream(accountOf(command))];
    const { answer, events } = app.handle(command);
    const before = told.get(command.commandId);
    if (before === undefined) {
      expectEqual(outcomeOf(answer, events), expected(facts, command, policy), command);
      told.set(command.commandId, answer);
    } else {
      // D10: no second effect, and the first outcome.
      expectEqual({ answer, events }, { answer: before, events: [] }, command);
    }
    delivered.push(command);
  };
  for (const step of steps) {
    if (step.type !== 'Crash') {
      ask(step);
      continue;
    }
    const tail = delivered.slice(-step.tail);
    const firstSeen = tail.filter(
      ({ commandId }, index) =>
        !delivered
          .slice(0, delivered.length - tail.length + index)
          .some((one) => one.commandId === commandId),
    );
    const lost = step.outcomesLost ? firstSeen.map(({ commandId }) => commandId) : [];
    app.crash(lost);
    // A lost outcome was not published. A command with events is recognised by its stream. A command without events,
    // because it was refused or had nothing to do, is decided again, like in the model, from the present state.
    const carriedOut = new Set([...app.streams.values()].flat().map(({ commandId }) => commandId));
    for (const commandId of lost) if (!carriedOut.has(commandId)) told.delete(commandId);
    tail.forEach(ask);
  }
  for (const [accountId, facts] of app.streams) {
    expectEqual(app.account(accountId), facts.reduce(evolve, initialState()), 'folded again');
    keepsItsWord(facts, policy.invitationLimit, policy.restrictAfterDeclines);
    statusesAgree(app.account(accountId), facts);
    listsAgree(facts);
  }
}

/**
 * The state from which the next command is decided equals the model. A wrong one shows only in the few commands that it would refuse
 * or admit wrongly, such as a reminder of a restored invitation (D20), which a history may lack.
 */
function statusesAgree(account: Account, facts: Facts): void {
  for (const [id, invitation] of account.invitations) {
    const hasReply = invitation?.status === 'ignored' && invitation.replied;
    expectEqual(hasReply ? 'both' : invitation?.status, statusOf(facts, id), `status of ${id}`);
  }
}

const outcomeOf = (answer: Answer, events: Facts) => (answer === 'accepted' ? events : answer);

/** The rules that can be checked from a stream alone, without the model's decisions. */
function keepsItsWord(facts: Facts, limit: number, threshold: number): void {
  expect(numberSent(facts)).toBeLessThanOrEqual(limit);
  const barred = new Set<string>();
  const open = new Map<string, string>();
  let restricted = false;
  let closed = false;
  facts.forEach((fact, index) => {
    switch (fact.type) {
      case 'InvitationSent':
        if (restricted || closed || barred.has(fact.recipientId))
          throw new Error(`sent after a bar: ${fact.invitationId}`);
        // At most one open invitation for each pair: a second one replaces the first.
        expectEqual(fact.supersedes, open.get(fact.recipientId), 'supersedes');
        open.set(fact.recipientId, fact.invitationId);
        break;
      case 'InvitationDeclined': {
        barred.add(fact.recipientId);
        open.delete(fact.recipientId);
        const reached = threshold > 0 && declinersSinceLift(facts.slice(0, index + 1)).size >= threshold;
        expectEqual(facts[index + 1]?.type === 'AccountRestricted', reached && !restricted, 'restriction');
        break;
      }
      case 'InvitationAccepted':
      case 'InvitationWithdrawn':
      case 'InvitationExpired':
      case 'InvitationClosed':
        open.delete(fact.recipientId);
        break;
      case 'AccountClosed':
        closed = true;
        break;
      case 'ConnectionEnded':
        barred.add(fact.memberId);
        break;
      case 'ConnectionRecorded':
        open.delete(fact.memberId);
        break;
      case 'AccountRestricted':
      case 'AccountRestrictionLifted':
        restricted = fact.type === 'AccountRestricted';
        break;
      case 'InvitationReplied':
      case 'InvitationIgnored':
      case 'InvitationRestored':
      case 'InvitationReminderDue':
        break;
    }
  });
}

/** R1, R9, R19, R26, D1, D6: the read models of the stream equal what the model says that each side sees. */
function listsAgree(facts: Facts): void {
  const shown = shownAfter(facts);
  expectEqual(shown, lists(facts), 'lists');
  if (shown.inbox.some((id) => shown.archive.includes(id))) throw new Error('in inbox and archive at once');
  // At least once: each event is applied twice, as after a crash between its rows and its checkpoint.
  expectEqual(shownAfter(facts.flatMap((fact) => [fact, fact])), shown, 'lists after repeats');
}

function shownAfter(facts: Facts): ReturnType<typeof lists> {
  const open = [...rowsAfter(archiveProjection, facts).values()];
  const idsOf = (rows: typeof open) => rows.map((row) => row.invitation_id);
  return {
    // D20: a restored invitation is a row of the archive.
    inbox: [
      ...rowsAfter(inboxProjection, facts).keys(),
      ...idsOf(open.filter(({ restored }) => restored)),
    ].toSorted(),
    archive: idsOf(open.filter(({ ignored }) => ignored)),
    sent: [...rowsAfter(sentProjection, facts).values()].map((row) =>
      [row.invitation_id, row.status, row.reply, row.replied_at].filter((text) => text !== null).join(' '),
    ),
    connections: [...rowsAfter(connectionsProjection, facts).values()].map(
      (row) => `${row.other_id} ${row.since}`,
    ),
    restriction: [...rowsAfter(accountRestrictionProjection, facts).values()].map(
      (row) => `${row.restricted} ${row.since}`,
    ),
    reminders: [...rowsAfter(remindersProjection, facts).values()].map(
      (row) => `${row.invitation_id} ${row.reminded}`,
    ),
  };
}
