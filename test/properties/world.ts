import {
  accountOf,
  decide,
  evolve,
  openAccount,
  type Account,
  type Command,
  type InvitationEvent,
  type Policy,
  type RefusalCode,
} from '#libs/invitation';
import { Guard } from './guard.js';

export type Answer = 'accepted' | RefusalCode;

/**
 * The domain as the command app runs it: a stream and a cached account each, and the store of outcomes. An accepted
 * command is known by the stream for ever. A refused one leaves no event: that it is answered the same again is the
 * outcome store's doing, outside the domain (docs/adr/0002), so it is modelled here.
 */
export class World {
  readonly streams = new Map<string, InvitationEvent[]>();
  private readonly accounts = new Map<string, { account: Account; guard?: Guard }>();
  private readonly outcomes = new Map<string, Answer>();

  /** A guarded one proves that deciding changes nothing; it takes its time. */
  constructor(
    private readonly policy: Policy,
    private readonly guarded = false,
  ) {}

  /** What the command is answered, and what it does. */
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

  /** The process is gone: accounts are folded again from their streams. */
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
    const account = this.stream(accountId).reduce(evolve, openAccount());
    const opened = this.guarded ? { account, guard: new Guard(account) } : { account };
    this.accounts.set(accountId, opened);
    return opened;
  }
}
