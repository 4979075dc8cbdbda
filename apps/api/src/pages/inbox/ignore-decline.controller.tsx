import { Get, Inject, Param, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { Queryable } from '#libs/platform';
import { findLinkedInvitation } from '#libs/read-models';
import { POOL } from '#libs/service';
import { createCommand } from '../../commands/command-request.js';
import { CurrentMember, type Identity } from '../../identity/identity.js';
import { InvitationIdPipe } from '../../http/id.pipes.js';
import { FormActions } from '../support/form-actions.js';
import { PostForm, readCursorQuery, SubmittedAction, type InvitationAction } from '../support/form.js';
import { PageController } from '../support/page-controller.js';
import { PageRenderer } from '../support/page-renderer.js';
import { CurrentList, type ReceivedList } from './inbox-or-archive.js';
import { IgnorePage } from './ignore.page.js';

/**
 * The silent actions: ignoring moves an invitation from the inbox to the archive (R19), and only there it can be declined (R23), or
 * be moved back to the inbox (D20).
 */
@PageController('')
export class IgnoreDeclineController {
  constructor(
    private readonly pages: PageRenderer,
    private readonly actions: FormActions,
    @Inject(POOL) private readonly db: Queryable,
  ) {}

  @Get('inbox/:id/ignore')
  async show(
    @CurrentMember() { memberId }: Identity,
    @Param('id', InvitationIdPipe) invitationId: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const invitation = await findLinkedInvitation(this.db, memberId, invitationId);
    if (invitation === undefined) return this.pages.redirect(reply, '/inbox', { code: 'NOT_OPEN' });
    return this.pages.render(reply, {
      status: 200,
      page: (view) => <IgnorePage view={view} invitation={invitation} />,
    });
  }

  @PostForm('inbox/:id/ignore')
  ignore(
    @SubmittedAction() { actorId, invitationId, commandId, form }: InvitationAction,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    return this.actions.execute(reply, {
      command: createCommand('invitations.ignore.v1', commandId, { invitationId, actorId }),
      invitationId,
      returnTo: `/inbox${readCursorQuery(form)}`,
      successNotice: 'ignored',
      isVisible: ({ inInbox, ignored }) => !inInbox && ignored !== false,
    });
  }

  /** D20. The button that undoes an ignore stands in the inbox. */
  @PostForm(['archive/:id/restore', 'inbox/:id/restore'])
  restore(
    @CurrentList() list: ReceivedList,
    @SubmittedAction() { actorId, invitationId, commandId, form }: InvitationAction,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    return this.actions.execute(reply, {
      command: createCommand('invitations.restore.v1', commandId, { invitationId, actorId }),
      invitationId,
      returnTo: `/${list}${readCursorQuery(form)}`,
      successNotice: 'restored',
      isVisible: ({ ignored }) => ignored !== true,
    });
  }

  @PostForm('archive/:id/decline')
  decline(
    @SubmittedAction() { actorId, invitationId, commandId, form }: InvitationAction,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    return this.actions.execute(reply, {
      command: createCommand('invitations.decline.v1', commandId, { invitationId, actorId }),
      invitationId,
      returnTo: `/archive${readCursorQuery(form)}`,
      successNotice: 'declined',
      isVisible: ({ ignored }) => ignored === undefined,
    });
  }
}
