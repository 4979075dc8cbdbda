import { Body, Controller, Get, Inject, Param, Post, Res, UseFilters, UseGuards } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { InvalidData, type OutcomeCode } from '#libs/contracts';
import type { Queryable } from '#libs/platform';
import { findSentTo, type SentTo } from '#libs/read-models';
import { commandOf } from '../../commands/command-of.js';
import { Member, type Identity } from '../../identity/identity.js';
import { SameOriginGuard } from '../../identity/same-origin.guard.js';
import { SessionGuard } from '../../identity/session.guard.js';
import { InvitationIdPipe } from '../../invitations/invitation-id.pipe.js';
import { DATABASE } from '../../tokens.js';
import { Errands } from '../errands.js';
import { commandIdIn, formIn, textIn } from '../form.js';
import { PageFilter } from '../page.filter.js';
import { Pages } from '../pages.js';
import { FollowUpPage } from './follow-up.page.js';

/** A page to invite once more who was invited before (R21). */
@ApiExcludeController()
@Controller('sent/:id/follow-up')
@UseGuards(SessionGuard)
@UseFilters(PageFilter)
export class FollowUpPageController {
  constructor(
    private readonly pages: Pages,
    private readonly errands: Errands,
    @Inject(DATABASE) private readonly db: Queryable,
  ) {}

  @Get()
  async show(
    @Member() { memberId }: Identity,
    @Param('id', InvitationIdPipe) invitationId: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const sent = await findSentTo(this.db, memberId, invitationId);
    if (sent === undefined) return this.notOpen(reply);
    const form = { invitationId, name: sent.name, needsEmail: sent.status === 'withdrawn' };
    return this.pages.send(reply, { status: 200, page: (view) => <FollowUpPage view={view} {...form} /> });
  }

  @Post()
  @UseGuards(SameOriginGuard)
  async send(
    @Member() { memberId: inviterId }: Identity,
    @Param('id', InvitationIdPipe) invitationId: string,
    @Body() body: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const form = formIn(body);
    const commandId = commandIdIn(form);
    const written = { message: textIn(form, 'message'), email: textIn(form, 'email') };
    const sent = await findSentTo(this.db, inviterId, invitationId);
    if (sent === undefined) return this.notOpen(reply);
    const { recipientId } = sent;
    const refused = (code: OutcomeCode) => this.refused(reply, { invitationId, sent, written, code });
    try {
      return await this.errands.run(reply, {
        command: commandOf('invitations.send.v1', commandId, {
          inviterId,
          recipientId,
          recipientEmail: written.email || undefined,
          message: written.message || undefined,
        }),
        invitationId: `${inviterId}.${commandId}`,
        back: '/sent',
        done: 'followed-up',
        listed: (listing) => listing.sent !== undefined,
        refused,
      });
    } catch (error) {
      if (!(error instanceof InvalidData)) throw error;
      // What is no address is answered as a wrong one (D4).
      return refused(/\brecipientEmail\b/.test(error.message) ? 'EMAIL_REQUIRED' : 'INVALID_COMMAND');
    }
  }

  private refused(
    reply: FastifyReply,
    {
      invitationId,
      sent,
      written,
      code,
    }: { invitationId: string; sent: SentTo; written: Written; code: OutcomeCode },
  ): string {
    const ofEmail = code === 'EMAIL_REQUIRED';
    const needsEmail = ofEmail || sent.status === 'withdrawn';
    const form = { invitationId, name: sent.name, needsEmail, written };
    return this.pages.send(reply, {
      status: 422,
      page: (view) => (
        <FollowUpPage view={view} {...form} error={{ text: view.texts.refused[code], ofEmail }} />
      ),
    });
  }

  /** One that was superseded, or that is not theirs. */
  private notOpen(reply: FastifyReply): string {
    return this.pages.backTo(reply, '/sent', { code: 'NOT_OPEN' });
  }
}

interface Written {
  readonly message: string;
  readonly email: string;
}
