import { Get, Inject, Param, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { InvalidDataError, type OutcomeCode } from '#libs/contracts';
import type { Queryable } from '#libs/platform';
import { findLinkedInvitation, findOpenInvitation, findRepliedInvitations } from '#libs/read-models';
import { POOL } from '#libs/service';
import { createCommand } from '../../commands/command-request.js';
import { CurrentMember, type Identity } from '../../identity/identity.js';
import { InvitationIdPipe } from '../../http/id.pipes.js';
import { unsentPage } from '../layout/notice.page.js';
import { FormActions } from '../support/form-actions.js';
import { PostForm, readText, SubmittedAction, type InvitationAction } from '../support/form.js';
import { PageController } from '../support/page-controller.js';
import { PageRenderer } from '../support/page-renderer.js';
import { explainUnsentReply } from '../support/text-length.js';
import { ReplyPage } from './reply.page.js';
import { CurrentList, type ReceivedList } from './inbox-or-archive.js';

/** The page to reply on, from the inbox or the archive (D5). */
@PageController(['inbox/:id/reply', 'archive/:id/reply'])
export class ReplyController {
  constructor(
    private readonly pages: PageRenderer,
    private readonly actions: FormActions,
    @Inject(POOL) private readonly db: Queryable,
  ) {}

  @Get()
  async show(
    @CurrentList() list: ReceivedList,
    @CurrentMember() { memberId }: Identity,
    @Param('id', InvitationIdPipe) invitationId: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const invitation = await findLinkedInvitation(this.db, memberId, invitationId);
    if (invitation === undefined) return this.pages.redirect(reply, `/${list}`, { code: 'NOT_OPEN' });
    const ids = [invitation.invitationId];
    const hasReplied = (await findRepliedInvitations(this.db, memberId, ids)).size > 0;
    return this.pages.render(reply, {
      status: 200,
      page: (view) => <ReplyPage view={view} list={list} invitation={invitation} hasReplied={hasReplied} />,
    });
  }

  @PostForm()
  async send(
    @CurrentList() list: ReceivedList,
    @SubmittedAction() { actorId, invitationId, commandId, form }: InvitationAction,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const message = readText(form, 'message');
    try {
      return await this.actions.execute(reply, {
        command: createCommand('invitations.reply.v1', commandId, { invitationId, actorId, message }),
        invitationId,
        returnTo: `/${list}`,
        successNotice: 'replied',
        isVisible: ({ sent }) => sent !== 'pending',
        onRefused: (code) => this.showUnsent(reply, { list, actorId, invitationId, message, code }),
      });
    } catch (error) {
      if (!(error instanceof InvalidDataError)) throw error;
    }
    return this.showUnsent(reply, { list, actorId, invitationId, message, code: 'INVALID_COMMAND' });
  }

  /** Shows why a reply was not sent. The page keeps the reply's text, even if the invitation is closed. */
  private async showUnsent(reply: FastifyReply, unsent: UnsentReply): Promise<string> {
    const { list, actorId, invitationId, message, code } = unsent;
    const invitation = await findOpenInvitation(this.db, actorId, invitationId);
    if (invitation === undefined) {
      return message === ''
        ? this.pages.redirect(reply, `/${list}`, { code: 'NOT_OPEN' })
        : this.pages.render(reply, unsentPage(message, list), false);
    }
    const written = { list, invitation, message };
    return this.pages.render(reply, {
      status: 422,
      page: (view) => (
        <ReplyPage view={view} {...written} error={explainUnsentReply(view.texts, code, message)} />
      ),
    });
  }
}

interface UnsentReply {
  readonly list: ReceivedList;
  readonly actorId: string;
  readonly invitationId: string;
  readonly message: string;
  readonly code: OutcomeCode;
}
