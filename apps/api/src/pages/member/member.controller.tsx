import { Get, Inject, Param, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { Queryable } from '#libs/platform';
import {
  findNewConnection,
  findRelatedMember,
  findVisibleProfile,
  type NewConnection,
  type RelatedMember,
} from '#libs/read-models';
import { POOL } from '#libs/service';
import { AccountIdPipe } from '../../http/id.pipes.js';
import { notFound } from '../../http/problem.js';
import { CurrentMember, type Identity } from '../../identity/identity.js';
import { PageController } from '../support/page-controller.js';
import { PageRenderer } from '../support/page-renderer.js';
import { RelationActions } from '../invite/relation.js';
import { ConnectionDetails } from '../connections/connected.page.js';
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
    const connection =
      member.relation.kind === 'connected' ? await findNewConnection(this.db, memberId, id) : undefined;
    return this.pages.render(reply, {
      status: 200,
      page: (view) => <MemberPage view={view} memberId={id} member={member} connection={connection} />,
    });
  }
}

interface MemberPageProps {
  readonly view: View;
  readonly memberId: string;
  readonly member: RelatedMember;
  /** What only a connection may know. */
  readonly connection: NewConnection | undefined;
}

/** The page that e-mails link to when a member has no profile URL: name, headline, and Invite, Pending, Accept or Connected. */
export function MemberPage({ view, memberId, member, connection }: MemberPageProps) {
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
          <a class="way" href={profile}>
            <span>
              <Sentence>{texts.profileOf(name)}</Sentence>
            </span>
          </a>
        </p>
      )}
      <RelationActions view={view} memberId={memberId} name={name} relation={member.relation} />
      {connection && <ConnectionDetails view={view} connection={connection} />}
      {member.relation.kind !== 'invited' && (
        <p>
          <a class="way" href="/inbox">
            {texts.toInbox}
          </a>
        </p>
      )}
    </Layout>
  );
}
