import { Get, Inject, Param, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { Queryable } from '#libs/platform';
import { findRelatedMember, findVisibleProfile, type RelatedMember } from '#libs/read-models';
import { POOL } from '#libs/service';
import { AccountIdPipe } from '../../http/id.pipes.js';
import { notFound } from '../../http/problem.js';
import { CurrentMember, type Identity } from '../../identity/identity.js';
import { PageController } from '../support/page-controller.js';
import { PageRenderer } from '../support/page-renderer.js';
import { RelationActions } from '../invite/relation.js';
import { Layout } from '../layout/layout.js';
import { Isolated, Sentence } from '../texts/bidi-isolation.js';
import type { View } from '../layout/view.js';
import { toWebUrl } from '../../http/web-url.js';

/**
 * The profile of a member whom the reader knows, with what the reader can do about them (D19). Strangers and unknown ids look
 * the same.
 */
@PageController('members/:id')
export class MemberController {
  constructor(
    private readonly pages: PageRenderer,
    @Inject(POOL) private readonly db: Queryable,
  ) {}

  @Get()
  async show(
    @CurrentMember() { memberId }: Identity,
    @Param('id', AccountIdPipe) id: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const isVisible = (await findVisibleProfile(this.db, memberId, id)) !== undefined;
    const member = isVisible ? await findRelatedMember(this.db, memberId, id) : undefined;
    if (member === undefined) throw notFound();
    return this.pages.render(reply, {
      status: 200,
      page: (view) => <MemberPage view={view} memberId={id} member={member} />,
    });
  }
}

interface MemberPageProps {
  readonly view: View;
  readonly memberId: string;
  readonly member: RelatedMember;
}

/** The page that e-mails link to when a member has no profile URL: name, headline, and Invite, Pending, Accept or Connected. */
export function MemberPage({ view, memberId, member }: MemberPageProps) {
  const { name, headline, profileUrl } = member.profile;
  const { texts } = view;
  const profile = toWebUrl(profileUrl);
  return (
    <Layout view={view} title={name}>
      {headline && (
        <p>
          <Isolated>{headline}</Isolated>
        </p>
      )}
      {profile && (
        <p>
          <a class="profile" href={profile}>
            <span>
              <Sentence>{texts.profileOf(name)}</Sentence>
            </span>
          </a>
        </p>
      )}
      <RelationActions view={view} memberId={memberId} name={name} relation={member.relation} />
      <p>
        <a class="way" href="/inbox">
          {texts.toInbox}
        </a>
      </p>
    </Layout>
  );
}
