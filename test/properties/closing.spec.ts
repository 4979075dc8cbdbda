import { describe, it } from '@jest/globals';
import * as fc from 'fast-check';
import { Topics } from '#libs/contracts';
import { accountOf, type Command, type InvitationEvent } from '#libs/invitation';
import type { RowProjection } from '#libs/projection';
import { archiveProjection, connectionsProjection, inboxProjection, sentProjection } from '#libs/read-models';
import { id, minute } from '../support/story.js';
import { toIntegrationEvent } from '../../apps/projector/src/publisher/integration-event.mapper.js';
import { expectEqual } from './expect-equal.js';
import { histories, isCommand, MEMBERS, type History } from './histories.js';
import { InMemoryCommandApp, type Answer } from './in-memory-command-app.js';
import { expectForAll, TIMEOUT_MS } from './runs.js';

/*
 * Proves the silence of closing an account (D1, D23) with pairs of histories, which are alike up to any point. There, one of them
 * closes the account of a member, and the other one removes only their profile. Both continue with the same commands. The commands
 * that the service issues after a closing are carried out some commands later, one at a time.
 */

type Row = Readonly<Record<string, unknown>>;

const LISTS = [
  inboxProjection,
  archiveProjection,
  sentProjection,
  connectionsProjection,
] as readonly unknown[] as readonly RowProjection<InvitationEvent, Row>[];

interface Leaving {
  readonly history: History;
  readonly leaver: string;
  /** The number of commands before, modulo their count. */
  readonly at: number;
  /** Commands between the closing and what follows from it. */
  readonly delay: number;
}

const leavings: fc.Arbitrary<Leaving> = fc.record({
  history: histories,
  leaver: fc.constantFrom(...MEMBERS),
  at: fc.noBias(fc.maxSafeNat()),
  delay: fc.nat(10),
});

/** The service, as its members see it. */
class Service {
  readonly app: InMemoryCommandApp;
  readonly published: { readonly accountId: string; readonly message: unknown }[] = [];
  private readonly lists = LISTS.map((projection) => ({ projection, rows: new Map<string, Row>() }));

  constructor({ policy }: History) {
    this.app = new InMemoryCommandApp(policy);
  }

  do(command: Command): Answer {
    const { answer, events } = this.app.handle(command);
    events.forEach((event, ordinal) => this.show(event, ordinal, accountOf(command)));
    return answer;
  }

  /** The rows that members see in their own lists, without those of the leaver's lists. */
  rowsFor(isSeen: (row: Row) => boolean): unknown[] {
    return this.lists.map(({ projection: { name }, rows }) => [
      name,
      [...rows].filter(([, row]) => isSeen(row)).toSorted(([a], [b]) => (a < b ? -1 : 1)),
    ]);
  }

  private show(event: InvitationEvent, ordinal: number, accountId: string): void {
    const logged = { id: `${event.commandId}/${ordinal}`, event, position: { commit: 0n, prepare: 0n } };
    const message = toIntegrationEvent(logged, new Topics());
    if (message !== undefined) this.published.push({ accountId, message });
    for (const { projection, rows } of this.lists) {
      for (const key of projection.keysOf(event)) {
        const row = projection.fold(rows.get(key), event, key);
        if (row === undefined) rows.delete(key);
        else rows.set(key, row);
      }
    }
  }
}

/** The owner of the list that has the row, and the other member of the row. */
function partiesOf(row: Row): { readonly owner: unknown; readonly other: unknown } {
  const { member_id, other_id, inviter_id, recipient_id } = row;
  if (member_id !== undefined) return { owner: member_id, other: other_id };
  return 'status' in row
    ? { owner: inviter_id, other: recipient_id }
    : { owner: recipient_id, other: inviter_id };
}

const actorOf = (command: Command): string | undefined =>
  'actorId' in command ? command.actorId : command.type === 'SendInvitation' ? command.inviterId : undefined;

/** What the command app makes of a command when it knows that a member has left. */
function afterLeaving(command: Command, leaver: string): Command {
  if (actorOf(command) === leaver) return { ...command, actorHasLeft: true } as Command;
  if (command.type !== 'SendInvitation' || command.recipientId !== leaver) return command;
  return { ...command, recipient: { ...command.recipient, available: false } };
}

/** Nobody else closes the account, and no connection with a member who has left begins or ends by itself. */
const isGenerated = (command: Command, leaver: string): boolean => {
  if (command.type === 'CloseAccount') return command.accountId !== leaver;
  if (command.type !== 'RecordConnection' && command.type !== 'EndConnection') return true;
  return command.accountId !== leaver && command.memberId !== leaver;
};

/**
 * The commands that the service issues after the closing (docs/adr/0019). A connection that only the other member's account has is
 * still on its way to the closed account, where it ends at once.
 */
function consequencesOf({ app }: Service, leaver: string): Command[] {
  let n = 950_000;
  const asked = () => ({ commandId: id((n += 1)), at: minute(0) });
  const commands: Command[] = [];
  const { relations } = app.account(leaver);
  for (const [memberId, { open }] of relations) {
    if (open !== undefined)
      commands.push({ type: 'CloseInvitation', ...asked(), invitationId: open, recipientId: memberId });
  }
  for (const memberId of MEMBERS.filter((member) => member !== leaver)) {
    const isRecorded = relations.get(memberId)?.connected === true;
    const isOnItsWay = !isRecorded && app.account(memberId).relations.get(leaver)?.connected === true;
    const end = { type: 'EndConnection', leaverId: leaver } as const;
    if (isRecorded) commands.push({ ...end, ...asked(), accountId: leaver, memberId });
    if (isOnItsWay)
      commands.push({
        type: 'RecordConnection',
        ...asked(),
        accountId: leaver,
        memberId,
        through: `${memberId}.${id(0)}`,
      });
    if (isRecorded || isOnItsWay)
      commands.push({ ...end, ...asked(), accountId: memberId, memberId: leaver });
  }
  return commands;
}

/** Runs the commands on both services, and calls `onAnswers` for each of another member after the leaving that is new. */
function leave(
  { history, leaver, at, delay }: Leaving,
  onAnswers: (command: Command, closed: Answer, removed: Answer) => void,
) {
  const commands = history.steps.filter(isCommand);
  const point = at % (commands.length + 1);
  const closed = new Service(history);
  const removed = new Service(history);
  for (const command of commands.slice(0, point)) {
    closed.do(command);
    removed.do(command);
  }
  const before = closed.published.length;
  closed.do({
    type: 'CloseAccount',
    commandId: id(900_000),
    at: minute(0),
    accountId: leaver,
    operatorId: 'olga',
  });
  const consequences = consequencesOf(closed, leaver);
  const further = commands.slice(point).filter((command) => isGenerated(command, leaver));
  further.forEach((given, index) => {
    if (index >= delay && consequences.length > 0) closed.do(consequences.shift()!);
    const command = afterLeaving(given, leaver);
    const isNew = !closed.app.isAnswered(command.commandId) && !removed.app.isAnswered(command.commandId);
    const answers = [closed.do(command), removed.do(command)] as const;
    const actor = actorOf(command);
    if (isNew && actor !== undefined && actor !== leaver) onAnswers(command, ...answers);
  });
  for (const command of consequences) closed.do(command);
  return { closed, removed, before };
}

describe('closing an account at any point of any history', () => {
  it(
    'shows other members what a removed profile shows: the same outcomes, lists and messages about all but what the leaver had sent (D1, D23)',
    () => {
      expectForAll('closing', leavings, (given) => {
        const { leaver } = given;
        const { closed, removed } = leave(given, (command, answer, otherwise) => {
          if (accountOf(command) === leaver) return;
          // Only the end of the connection, which both saw, can differ: another refusal takes the place of this one.
          const isOnceConnected = otherwise === 'ALREADY_CONNECTED' && answer !== 'accepted';
          if (!isOnceConnected) expectEqual(answer, otherwise, command);
        });
        const isOfOthers = (row: Row) => {
          const { owner, other } = partiesOf(row);
          return owner !== leaver && (other !== leaver || 'status' in row);
        };
        expectEqual(closed.rowsFor(isOfOthers), removed.rowsFor(isOfOthers), 'lists');
        const ofOthers = ({ published }: Service) =>
          published.filter(({ accountId }) => accountId !== leaver).map(({ message }) => message);
        expectEqual(ofOthers(closed), ofOthers(removed), 'messages');
      });
    },
    TIMEOUT_MS,
  );

  it(
    'leaves nothing of the leaver in the lists of others, publishes nothing, and answers what they do with it as no longer open (D23)',
    () => {
      expectForAll('closed', leavings, (given) => {
        const { leaver } = given;
        const answers: Answer[] = [];
        const { closed, before } = leave(given, (command, answer) => {
          if (accountOf(command) === leaver) answers.push(answer);
        });
        const isGone = (answer: Answer) => ['NOT_OPEN', 'NOT_FOUND', 'NOT_YOURS'].includes(answer);
        expectEqual(
          answers.filter((answer) => !isGone(answer)),
          [],
          'answers',
        );
        const isOfLeaver = (row: Row) => {
          const { owner, other } = partiesOf(row);
          return owner !== leaver && other === leaver && !('status' in row);
        };
        expectEqual(
          closed.rowsFor(isOfLeaver),
          LISTS.map(({ name }) => [name, []]),
          'lists',
        );
        expectEqual(
          closed.published.slice(before).filter(({ accountId }) => accountId === leaver),
          [],
          'messages',
        );
      });
    },
    TIMEOUT_MS,
  );
});
