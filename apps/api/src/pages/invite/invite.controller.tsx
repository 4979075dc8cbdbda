import { Body, Get, Inject, Param, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { OutcomeCode } from '#libs/contracts';
import type { Queryable } from '#libs/platform';
import { findRelatedMember, type RelatedMember } from '#libs/read-models';
import { POOL } from '#libs/service';
import { AccountIdPipe } from '../../http/id.pipes.js';
import { notFound } from '../../http/problem.js';
import { CurrentMember, type Identity } from '../../identity/identity.js';
import { FormActions } from '../support/form-actions.js';
import { PostForm, readCommandId, readText, requireForm } from '../support/form.js';
import { PageController } from '../support/page-controller.js';
import { PageRenderer } from '../support/page-renderer.js';
import { sendInvitation } from '../support/send-invitation.js';
import { explainRefusal } from '../support/text-length.js';
import { InvitePage } from './invite.page.js';

/**
 * The page to invite any member of the network (D19). It shows of them what every profile page shows: name and headline. That they
 * declined, or take no invitations, shows only as the refusal that both have in common (D4).
 */
@PageController('invite/:id')
export class InviteController {
  constructor(
    private readonly pages: PageRenderer,
    private readonly actions: FormActions,
    @Inject(POOL) private readonly db: Queryable,
  ) {}

  @Get()
  async show(
    @CurrentMember() { memberId: viewerId }: Identity,
    @Param('id', AccountIdPipe) memberId: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const member = await this.findOther(viewerId, memberId);
    return this.pages.render(reply, {
      status: 200,
      page: (view) => <InvitePage view={view} memberId={memberId} member={member} />,
    });
  }

  @PostForm()
  async send(
    @CurrentMember() { memberId: inviterId }: Identity,
    @Param('id', AccountIdPipe) recipientId: string,
    @Body() body: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const form = requireForm(body);
    const commandId = readCommandId(form);
    const written = { message: readText(form, 'message'), email: readText(form, 'email') };
    const member = await this.findOther(inviterId, recipientId);
    const onRefused = (code: OutcomeCode) => this.showRefusal(reply, { recipientId, member, written, code });
    return sendInvitation(this.actions, reply, { commandId, inviterId, recipientId, written, onRefused });
  }

  /** @throws ProblemError 404 for an unknown member, and for the viewer, who cannot invite themselves */
  private async findOther(viewerId: string, memberId: string): Promise<RelatedMember> {
    const member = await findRelatedMember(this.db, viewerId, memberId);
    if (member === undefined || member.relation.kind === 'self') throw notFound();
    return member;
  }

  private showRefusal(reply: FastifyReply, { recipientId, member, written, code }: Refusal): Promise<string> {
    const ofEmail = code === 'EMAIL_REQUIRED';
    const { relation } = member;
    const needsEmail = ofEmail || (relation.kind === 'none' && relation.needsEmail);
    return this.pages.render(reply, {
      status: 422,
      page: (view) => (
        <InvitePage
          view={view}
          memberId={recipientId}
          member={member}
          needsEmail={needsEmail}
          written={written}
          error={{ text: explainRefusal(view.texts, code, written.message), ofEmail }}
        />
      ),
    });
  }
}

interface Refusal {
  readonly recipientId: string;
  readonly member: RelatedMember;
  readonly written: { readonly message: string; readonly email: string };
  readonly code: OutcomeCode;
}
