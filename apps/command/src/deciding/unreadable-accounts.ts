import { Inject, Injectable } from '@nestjs/common';
import { Counter, Gauge, Registry } from 'prom-client';
import { Health, type Logger } from '#libs/platform';
import { LOGGER } from '#libs/service';

const COMPONENT = 'unreadable-accounts';

/** The maximum of accounts that the readiness names, and that are remembered. */
const MAX_NAMED = 5;
const MAX_REMEMBERED = 10_000;

/**
 * Tracks accounts with an event that this version cannot read, because a newer version wrote it before a roll-back, or a
 * foreign writer did. Their commands become dead letters. The process stays ready and handles all other accounts, because
 * other replicas of this version cannot read the event either.
 */
@Injectable()
export class UnreadableAccounts {
  /** The reason for each account. */
  private readonly reasons = new Map<string, string>();
  private readonly commands: Counter;

  constructor(
    registry: Registry,
    private readonly health: Health,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.commands = new Counter({
      name: 'invitations_unreadable_account_commands_total',
      help: 'Commands sent to the dead-letter topic because their account has an event that this version cannot read',
      registers: [registry],
    });
    const { reasons } = this;
    const accounts = new Gauge({
      name: 'invitations_unreadable_accounts',
      help: 'Accounts with an event that this version cannot read, for which this process has received commands',
      registers: [registry],
      collect() {
        this.set(reasons.size);
      },
    });
    accounts.set(0);
  }

  /** @param commands the number of commands that became dead letters */
  add(accountId: string, reason: string, commands: number): void {
    this.commands.inc(commands);
    if (this.reasons.get(accountId) === reason) return;
    this.logger.error(
      { accountId, reason },
      'an account has an event that this version cannot read: its commands become dead letters; after the upgrade, redrive them with the dead-letters tool',
    );
    if (this.reasons.size < MAX_REMEMBERED) this.reasons.set(accountId, reason);
    this.updateHealth();
  }

  /** The account could be read. */
  remove(accountId: string): void {
    if (this.reasons.delete(accountId)) this.updateHealth();
  }

  /** Call this after a rebalance: another process may own the accounts now. The next command on one adds it again. */
  clear(): void {
    if (this.reasons.size === 0) return;
    this.reasons.clear();
    this.updateHealth();
  }

  private updateHealth(): void {
    const { size } = this.reasons;
    if (size === 0) return this.health.set(COMPONENT, true);
    const named = [...this.reasons]
      .slice(0, MAX_NAMED)
      .map(([accountId, reason]) => `${accountId} (${reason})`);
    const others = size > MAX_NAMED ? ` and ${size - MAX_NAMED} more` : '';
    this.health.degrade(
      COMPONENT,
      `accounts with an event that this version cannot read: ${named.join(', ')}${others}; their commands become dead letters; redrive them after the upgrade`,
    );
  }
}
