import {
  accountOf,
  decide,
  evolve,
  initialState,
  type Account,
  type Command,
  type InvitationEvent,
  type Policy,
  type RefusalCode,
} from '#libs/invitation';
import { Guard } from './guard.js';

export type Answer = 'accepted' | RefusalCode;

/**
 * The domain as the command app runs it: a stream and a cached account for each member, and the store of outcomes. The
 * stream recognises an accepted command for ever. A refused command leaves no event. The outcome store, which is
 * outside the domain (docs/adr/0002), returns its refusal again, so it is part of this model.
 */
export class InMemoryCommandApp {
  readonly streams = new Map<string, InvitationEvent[]>();
  private readonly accounts = new Map<string, { account: Account; guard?: Guard }>();
  private readonly outcomes = new Map<string, Answer>();

  /** @param guarded proves that deciding changes nothing, which takes time */
  constructor(
    private readonly policy: Policy,
    private readonly guarded = false,
  ) {}

  /** Returns the outcome of a command and its events. */
  handle(command: Command): { answer: Answer; events: readonly InvitationEvent[] } {
    const known = this.outcomes.get(command.commandId);
    if (known !== undefined) return { answer: known, events: [] };
    const accountId = accountOf(command);
    const { account, guard } = this.accountOf(accountId);
    const deciding = () => decide(account, command, this.policy);
    const decision = guard === undefined ? deciding() : guard.watching(deciding);
    const events = decision.outcome === 'accepted' ? decision.events : [];
    this.append(accountId, events);
    const answer = decision.outcome === 'accepted' ? 'accepted' : decision.code;
    this.outcomes.set(command.commandId, answer);
    return { answer, events };
  }

  append(accountId: string, events: readonly InvitationEvent[]): void {
    const { account } = this.accountOf(accountId);
    for (const event of events) evolve(account, event);
    this.stream(accountId).push(...events);
  }

  stream(accountId: string): InvitationEvent[] {
    const stream = this.streams.get(accountId) ?? [];
    this.streams.set(accountId, stream);
    return stream;
  }

  /** Simulates a crash: accounts are folded from their streams again. */
  crash(outcomesLost: Iterable<string>): void {
    this.accounts.clear();
    for (const commandId of outcomesLost) this.outcomes.delete(commandId);
  }

  isAnswered(commandId: string): boolean {
    return this.outcomes.has(commandId);
  }

  account(accountId: string): Account {
    return this.accountOf(accountId).account;
  }

  private accountOf(accountId: string) {
    const known = this.accounts.get(accountId);
    if (known !== undefined) return known;
    const account = this.stream(accountId).reduce(evolve, initialState());
    const opened = this.guarded ? { account, guard: new Guard(account) } : { account };
    this.accounts.set(accountId, opened);
    return opened;
  }
}
