import { UsageError } from '#libs/cli';
import { AuthorTextOpener, readWrappingKeys, type UnreadableText } from '#libs/author-keys/read-only';
import { sealedTextOf, type RawEvent } from '#libs/event-store/read-only';
import {
  ConfigError,
  createLogger,
  createPool,
  loadConfig,
  postgresConnection,
  type Pool,
} from '#libs/platform';
import { TextsConfig } from '../config.js';

/** Why a text is null in the output. */
type Reason = UnreadableText | 'encrypted';

const DESCRIPTIONS: Readonly<Record<Reason, string>> = {
  erased: 'of erased members',
  missing: 'whose author has no key in the database, as after a restore of an older backup',
  damaged: "that their author's key does not decrypt",
  encrypted: 'left encrypted',
};

/**
 * Decrypts the texts of the events that replay reads, if TEXT_KEYS and DATABASE_URL are set. A text that cannot be decrypted is null
 * in the output, and a report at the end counts them.
 */
export class LogTexts {
  private readonly counts = new Map<Reason, number>();
  private opened: { readonly pool: Pool; readonly opener: AuthorTextOpener } | undefined;
  private isLeftEncrypted: boolean | undefined;
  private isIntended = false;

  /** Leaves texts encrypted although there may be keys, for output that must not hold them. */
  leaveEncrypted(): void {
    this.isLeftEncrypted = true;
    this.isIntended = true;
  }

  /** @returns the events with their texts as far as they can be decrypted */
  async open(events: readonly RawEvent[]): Promise<readonly RawEvent[]> {
    if (!events.some((event) => sealedTextOf(event) !== undefined)) return events;
    if ((this.isLeftEncrypted ??= !process.env['TEXT_KEYS']?.trim())) {
      for (const event of events) if (sealedTextOf(event) !== undefined) this.count('encrypted');
      return events;
    }
    const { pool, opener } = (this.opened ??= connect());
    return opener.open(pool, events, (_event, reason) => this.count(reason));
  }

  /** Whether a text was not decrypted for want of keys, so that nothing can be said about it. */
  get isAnyLeftEncrypted(): boolean {
    return this.counts.has('encrypted');
  }

  private count(reason: Reason): void {
    this.counts.set(reason, (this.counts.get(reason) ?? 0) + 1);
  }

  /** @returns the lines of the report, or none if every text was decrypted, or the output has none on purpose */
  report(): readonly string[] {
    if (this.isIntended) return [];
    return [...this.counts].map(([reason, count]) => {
      const hint = reason === 'encrypted' ? '; TEXT_KEYS and DATABASE_URL decrypt them' : '';
      return `replay: ${count} text${count === 1 ? '' : 's'} ${DESCRIPTIONS[reason]}: null in the output${hint}`;
    });
  }

  async close(): Promise<void> {
    await this.opened?.pool.end();
    this.opened = undefined;
  }
}

/** @throws UsageError */
function connect(): { readonly pool: Pool; readonly opener: AuthorTextOpener } {
  try {
    const config = loadConfig(TextsConfig);
    const database = { ...postgresConnection(config), app: 'replay-texts', max: 1 };
    return {
      pool: createPool(database, createLogger('replay', 'silent')),
      opener: new AuthorTextOpener(readWrappingKeys(config) ?? []),
    };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new UsageError(`TEXT_KEYS is set, but texts cannot be decrypted: ${error.message}`);
  }
}
