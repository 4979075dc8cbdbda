import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { CommandMessage } from '#libs/contracts';
import type { Queryable } from '#libs/platform';
import { returnSharedToken, takeSharedToken, type SharedBucket } from '#libs/read-models';
import { ApiConfig } from '../config.js';
import { tooMany } from '../http/problem.js';
import { DATABASE } from '../tokens.js';
import { costMs, fillMs, type Rate } from './bucket.js';
import { clientOf } from './client-address.js';

/** Tokens that were taken. */
export interface Charge {
  /** Those of the address that a send names: they are for guesses that were wrong. */
  readonly guesses: readonly SharedBucket[];
  readonly all: readonly SharedBucket[];
}

/** What all instances count together, in PostgreSQL: what is worth an attacker's patience. */
@Injectable()
export class SharedLimits {
  constructor(
    private readonly config: ApiConfig,
    @Inject(DATABASE) private readonly db: Queryable,
  ) {}

  /**
   * Charges a command before it is published. A send that names an address pays for a wrong guess in advance and has it
   * back if it was none: many guesses at once would else all pass before the first was counted. Nothing that is counted
   * depends on what a recipient did in silence, but on requests and on answers that the inviter has (D1).
   * @returns the charge, or how long until the command can be paid for, in milliseconds; nothing is taken then
   */
  async charge(command: CommandMessage): Promise<Charge | number> {
    if (command.type !== 'invitations.send.v1') return { guesses: [], all: [] };
    const { inviterId, recipientId, recipientEmail } = command.data;
    const { RATE_SEND, RATE_WRONG_EMAIL, RATE_WRONG_EMAIL_RECIPIENT } = this.config;
    const sends = buckets([`send ${inviterId}`, RATE_SEND]);
    const guesses =
      recipientEmail === undefined
        ? []
        : buckets(
            [`guess ${inviterId}`, RATE_WRONG_EMAIL],
            [`guess ${inviterId} ${recipientId}`, RATE_WRONG_EMAIL_RECIPIENT],
          );
    const all = [...sends, ...guesses];
    return (await this.take(all)) ?? { guesses, all };
  }

  async giveBack(taken: readonly SharedBucket[]): Promise<void> {
    for (const bucket of taken) await returnSharedToken(this.db, bucket);
  }

  /**
   * Counts the press of a button behind an e-mail's link, for the address that it comes from and for the link.
   * @throws Problem 429
   */
  async countPress(ip: string, token: string): Promise<void> {
    const { RATE_LINK_ADDRESS, RATE_LINK } = this.config;
    const link = createHash('sha256').update(token).digest('base64url');
    const wait = await this.take(
      buckets([`presses from ${clientOf(ip)}`, RATE_LINK_ADDRESS], [`presses of ${link}`, RATE_LINK]),
    );
    if (wait !== undefined) throw tooMany(wait);
  }

  /** All of them or none. */
  private async take(wanted: readonly SharedBucket[]): Promise<number | undefined> {
    for (const [index, bucket] of wanted.entries()) {
      const wait = await takeSharedToken(this.db, bucket);
      if (wait === undefined) continue;
      await this.giveBack(wanted.slice(0, index));
      return wait;
    }
    return undefined;
  }
}

const buckets = (...named: [string, Rate | undefined][]): SharedBucket[] =>
  named.flatMap(([name, rate]) =>
    rate === undefined ? [] : [{ name, costMs: costMs(rate), fillMs: fillMs(rate) }],
  );
