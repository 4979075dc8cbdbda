import { randomUUID } from 'node:crypto';
import { CommandHandler, type Event, type EventStore } from '@event-driven-io/emmett';
import { correlationIdOf, streamOf } from '#libs/event-store';
import {
  decide,
  DEFAULT_POLICY,
  evolve,
  initialState,
  type Account,
  type InvitationEvent,
  type SendInvitation,
} from '#libs/invitation';
import { workInFlight } from './in-flight.js';
import { allDifferent, MESSAGE } from './workload.js';

/** An event as Emmett takes it, with the data and metadata that the command app would append. */
type EmmettEvent = Event<string, Record<string, unknown>, Record<string, unknown>>;

const handle = CommandHandler<Account, EmmettEvent>({
  initialState,
  evolve: (account, { type, data, metadata }) =>
    evolve(account, { ...data, type, commandId: metadata['commandId'] } as unknown as InvitationEvent),
});

/**
 * Handles commands with Emmett's command handler and our domain: it reads the account's stream, decides and appends. The
 * commands are prepared beforehand, each on a different new account.
 */
export async function handleCommands(store: EventStore): Promise<void> {
  const { RUN, COUNT } = process.env as Record<string, string>;
  const commands = [...allDifferent(RUN!, Number(COUNT))].map((sending): SendInvitation => ({
    ...sending,
    type: 'SendInvitation',
    commandId: randomUUID(),
    message: MESSAGE,
    recipient: { available: true, emailMatches: false },
    at: new Date().toISOString(),
  }));
  await workInFlight(commands, (command) =>
    handle(store, streamOf(command.inviterId), (account) => {
      const decision = decide(account, command, DEFAULT_POLICY);
      if (decision.outcome === 'refused') throw new Error(`refused: ${decision.code}`);
      return decision.events.map(toEmmettEvent);
    }),
  );
}

function toEmmettEvent(event: InvitationEvent): EmmettEvent {
  const { type, commandId, ...data } = event;
  const $correlationId = correlationIdOf(event);
  return { type, data, metadata: { commandId, $correlationId, $causationId: commandId, schemaVersion: 1 } };
}
