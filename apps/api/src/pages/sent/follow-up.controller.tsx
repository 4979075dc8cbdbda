import { Get, Inject, Param, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { OutcomeCode } from '#libs/contracts';
import type { Queryable } from '#libs/platform';
import { findSentInvitation, type SentInvitationSummary } from '#libs/read-models';
import { POOL } from '#libs/service';
import { CurrentMember, type Identity } from '../../identity/identity.js';
import { InvitationIdPipe } from '../../http/id.pipes.js';
import { FormActions } from '../support/form-actions.js';
import { PostForm, readText, SubmittedAction, type InvitationAction } from '../support/form.js';
import { PageController } from '../support/page-controller.js';
import { PageRenderer } from '../support/page-renderer.js';
import { sendInvitation } from '../support/send-invitation.js';
import { explainRefusal } from '../support/text-length.js';
import { unsentPage } from '../layout/notice.page.js';
import { FollowUpPage } from './follow-up.page.js';
import { isClosed } from './sent.page.js';

/** The page to invite the same recipient again (R21). */
@PageController('sent/:id/follow-up')
export class FollowUpController {
  constructor(
    private readonly pages: PageRenderer,
    private readonly actions: FormActions,
    @Inject(POOL) private readonly db: Queryable,
  ) {}

  @Get()
  async show(
    @CurrentMember() { memberId }: Identity,
    @Param('id', InvitationIdPipe) invitationId: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const sent = await findSentInvitation(this.db, memberId, invitationId);
    if (sent === undefined) return this.redirectNotOpen(reply);
    const form = {
      invitationId,
      name: sent.name,
      closed: isClosed(sent),
      needsEmail: sent.status === 'withdrawn',
    };
    return this.pages.render(reply, { status: 200, page: (view) => <FollowUpPage view={view} {...form} /> });
  }

  @PostForm()
  async send(
    @SubmittedAction() { actorId: inviterId, invitationId, commandId, form }: InvitationAction,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const written = { message: readText(form, 'message'), email: readText(form, 'email') };
    const sent = await findSentInvitation(this.db, inviterId, invitationId);
    if (sent === undefined) {
      return written.message === ''
        ? this.redirectNotOpen(reply)
        : this.pages.render(reply, unsentPage(written.message, 'sent'), false);
    }
    const { recipientId } = sent;
    const onRefused = (code: OutcomeCode) => this.showRefusal(reply, { invitationId, sent, written, code });
    return sendInvitation(this.actions, reply, { commandId, inviterId, recipientId, written, onRefused });
  }

  private showRefusal(
    reply: FastifyReply,
    {
      invitationId,
      sent,
      written,
      code,
    }: { invitationId: string; sent: SentInvitationSummary; written: FormContent; code: OutcomeCode },
  ): Promise<string> {
    const ofEmail = code === 'EMAIL_REQUIRED';
    const needsEmail = ofEmail || sent.status === 'withdrawn';
    const form = { invitationId, name: sent.name, closed: isClosed(sent), needsEmail, written };
    return this.pages.render(reply, {
      status: 422,
      page: (view) => (
        <FollowUpPage
          view={view}
          {...form}
          error={{ text: explainRefusal(view.texts, code, written.message), ofEmail }}
        />
      ),
    });
  }

  /** For an invitation that was superseded, or that is not the member's. */
  private redirectNotOpen(reply: FastifyReply): string {
    return this.pages.redirect(reply, '/sent', { code: 'NOT_OPEN' });
  }
}

interface FormContent {
  readonly message: string;
  readonly email: string;
}
