import type { InvitationEvent } from '#libs/invitation';
import { AccountSimulation, type Policies } from './account-simulation.js';
import type { Difference } from './difference.js';
import { summarize, summarizeAccounts, type AccountSummary, type DiffSummary } from './diff-summary.js';
import { HistoryTables, SIMULATION_MEMORY, type AccountEvent, type Findings } from './history-tables.js';

/**
 * Decides a history again under another policy, by the same `decide`, account by account, so that only one account is in memory.
 *
 * Accounts depend on each other in one way: where an invitation would not have been accepted, the connection in the account of
 * its recipient would not have been recorded. Therefore it decides the accounts of such connections again, until nothing
 * changes. An event depends on earlier ones only, so each round makes at least the earliest of them final.
 */
export class HistorySimulation {
  eventCount = 0;
  accountCount = 0;
  private lastInstant = Number.NEGATIVE_INFINITY;

  private constructor(
    private readonly policies: Policies,
    private readonly tables: HistoryTables,
  ) {}

  /** @param memory the memory limit of its tables in DuckDB's notation: `128MB` */
  static async open(
    policies: Policies,
    memory = SIMULATION_MEMORY,
    eventsAtATime?: number,
  ): Promise<HistorySimulation> {
    return new HistorySimulation(policies, await HistoryTables.open(memory, eventsAtATime));
  }

  /** Adds an event. Call it in the order of the log. */
  add(accountId: string, event: InvitationEvent): void {
    this.lastInstant = Math.max(this.lastInstant, Date.parse(event.at));
    this.tables.addEvent(accountId, this.eventCount, withoutText(event));
    this.eventCount += 1;
  }

  /** Decides the added events again. */
  async run(): Promise<void> {
    const { tables } = this;
    tables.closeEvents();
    const decideAll = (findings: Findings) =>
      this.decideAccounts(tables.eventsOf('all'), findings, () => void (this.accountCount += 1));
    let affected = await tables.store(decideAll);
    while (affected > 0) {
      affected = await tables.store((findings) => this.decideAccounts(tables.eventsOf('affected'), findings));
    }
  }

  summary(): Promise<DiffSummary> {
    return summarize(this.tables);
  }

  /** @returns the accounts with differences; those with the most refused invitations, then the most differences, first */
  accounts(): AsyncGenerator<AccountSummary, void, void> {
    return summarizeAccounts(this.tables);
  }

  /** @returns the differences in the order in which the log makes them certain */
  async *differences(): AsyncGenerator<Difference, void, void> {
    const columns = 'account_id, kind, happened_at, event_type, invitation_id, code';
    const rows = this.tables.rows(`SELECT ${columns} FROM differences ORDER BY ordinal, account_id, nth`);
    for await (const [accountId, kind, at, type, invitationId, code] of rows)
      yield {
        accountId,
        kind,
        at,
        type,
        ...(invitationId === null ? {} : { invitationId }),
        ...(code === null ? {} : { code }),
      } as Difference;
  }

  close(): void {
    this.tables.close();
  }

  private async decideAccounts(
    events: AsyncIterable<AccountEvent>,
    findings: Findings,
    onAccount?: () => void,
  ): Promise<void> {
    let current: { readonly id: string; readonly simulation: AccountSimulation } | undefined;
    let now = 0;
    const finish = () => {
      now = this.eventCount;
      current?.simulation.finish(this.lastInstant);
    };
    for await (const { accountId, ordinal, event, isVoid } of events) {
      if (current?.id !== accountId) {
        finish();
        onAccount?.();
        const report = (difference: Difference) => findings.addDifference(difference, now);
        current = { id: accountId, simulation: new AccountSimulation(accountId, this.policies, report) };
      }
      now = ordinal;
      if (isVoid) current.simulation.omit(event);
      else if (!current.simulation.apply(event) && event.type === 'InvitationAccepted')
        findings.addNeverAccepted(accountId, event.invitationId, ordinal);
    }
    finish();
  }
}

/** No rule depends on a text, and one that cannot be read must not look like a difference. */
function withoutText(event: InvitationEvent): InvitationEvent {
  if (event.type === 'InvitationReplied') return { ...event, message: '' };
  if (event.type !== 'InvitationSent') return event;
  const { message: _message, ...others } = event;
  return others;
}
