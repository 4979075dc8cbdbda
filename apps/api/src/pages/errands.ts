import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { CommandMessage, OutcomeCode } from '#libs/contracts';
import type { Queryable } from '#libs/platform';
import type { InvitationListing } from '#libs/read-models';
import { CommandDesk } from '../commands/command-desk.js';
import { DATABASE } from '../tokens.js';
import type { NoticeCode } from './notice-code.js';
import { underWay } from './notices.js';
import { Pages } from './pages.js';
import { untilListed } from './until-listed.js';

/** What a form asks for. */
interface Errand {
  readonly command: CommandMessage;
  /** On what: an invitation of who asks, or the one that the command makes. */
  readonly invitationId: string;
  /** The page that shows what became of it. */
  readonly back: string;
  readonly done: NoticeCode;
  /** Whether the lists show it. */
  readonly listed: (listing: InvitationListing) => boolean;
  /** The page that shows why not; without it, the one that a success would lead to. */
  readonly refused?: (code: OutcomeCode) => string;
}

@Injectable()
export class Errands {
  constructor(
    private readonly desk: CommandDesk,
    private readonly pages: Pages,
    @Inject(DATABASE) private readonly db: Queryable,
  ) {}

  async run(reply: FastifyReply, errand: Errand): Promise<string> {
    const { command, invitationId, back, done, listed, refused } = errand;
    const outcome = await this.desk.carryOut(command);
    if (outcome === undefined) return this.pages.send(reply, underWay(back), false);
    if (outcome.outcome === 'refused') {
      const code = outcome.code ?? 'INVALID_COMMAND';
      return refused?.(code) ?? this.pages.backTo(reply, back, { code });
    }
    await untilListed(this.db, invitationId, listed);
    return this.pages.backTo(reply, back, { code: done, invitationId });
  }
}
