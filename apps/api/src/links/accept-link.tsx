import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { v5 } from 'uuid';
import { findOutcomes } from '#libs/command-outcomes';
import { UUID } from '#libs/contracts';
import { inviterOf } from '#libs/invitation';
import type { Queryable } from '#libs/platform';
import {
  findNewConnection,
  findOpenInvitation,
  findSupersedingInvitation,
  type ReceivedInvitation,
} from '#libs/read-models';
import { POOL } from '#libs/service';
import { CommandGateway } from '../commands/command-gateway.js';
import { createCommand } from '../commands/command-request.js';
import { ConnectedPage } from '../pages/connections/connected.page.js';
import { notOpenPage, NoticePage } from '../pages/layout/notice.page.js';
import type { PageResponse, View } from '../pages/layout/view.js';
import { isAnswered, waitForReadModel } from '../pages/support/form-actions.js';
import { Layout } from '../pages/layout/layout.js';
import { InvitationCard } from '../pages/inbox/invitation.card.js';
import { Sentence } from '../pages/texts/bidi-isolation.js';
import { LinkVerifier, type Link, type LinkHandler } from './link.js';
import { describeLinkOwner } from './link-owner.js';

/**
 * The namespace of command ids that are derived from tokens. Nobody else can derive them: a guessed id would reveal
 * the outcome to a stranger.
 */
const COMMAND_ID_NAMESPACE = '8f1a3a5e-6c0e-4a55-9a0b-0a4f6a3f9d11';

/**
 * R11: accepts by the link in an e-mail, with the same result as on the site. A link works once; after that it leads
 * to the page for everything that is no longer open. The link of an invitation that a follow-up has superseded leads to
 * the follow-up (D16).
 *
 * Each page that is shown has an attempt id for its form. A repeated submission while the command is pending is the
 * same command (D10). Once it is decided, a repeated submission is a used link, like any other. Only the page that
 * said the outcome is pending may poll for it.
 */
@Injectable()
export class AcceptLink implements LinkHandler {
  constructor(
    private readonly commands: CommandGateway,
    private readonly links: LinkVerifier,
    @Inject(POOL) private readonly db: Queryable,
  ) {}

  async show(link: Link): Promise<PageResponse> {
    const { memberId, invitationId } = link;
    if (invitationId === undefined) return notOpenPage();
    const invitation = await findOpenInvitation(this.db, memberId, invitationId);
    if (invitation === undefined) return this.showSuperseding(link, invitationId);
    const owner = await describeLinkOwner(this.db, memberId);
    return {
      status: 200,
      page: (view) => (
        <AcceptPage view={view} invitation={invitation} attemptId={randomUUID()} owner={owner(view.texts)} />
      ),
    };
  }

  /**
   * Shows the invitation that has superseded the one of the link (D16). Its form posts to a link of its own, so it accepts only
   * the invitation that the page shows, even if that is superseded in turn. The new link ends when this one does.
   */
  private async showSuperseding(link: Link, earlierId: string): Promise<PageResponse> {
    const { memberId, openAt, expiresAt } = link;
    const invitation = await findSupersedingInvitation(this.db, memberId, earlierId, openAt);
    if (invitation === undefined) return notOpenPage();
    const { invitationId, sentAt } = invitation;
    const claims = {
      purpose: 'accept',
      memberId,
      invitationId,
      openAt: new Date(sentAt),
      expiresAt,
    } as const;
    const action = `/l/${this.links.sign(claims)}`;
    const owner = await describeLinkOwner(this.db, memberId);
    return {
      status: 200,
      page: (view) => (
        <AcceptPage
          view={view}
          invitation={invitation}
          attemptId={randomUUID()}
          owner={owner(view.texts)}
          action={action}
        />
      ),
    };
  }

  async submit(link: Link, form: unknown): Promise<PageResponse> {
    const { token, memberId, invitationId } = link;
    if (invitationId === undefined) return notOpenPage();
    const polledId = readAttemptId(form, POLL_FIELD);
    const attemptId = polledId ?? readAttemptId(form, ATTEMPT_FIELD) ?? randomUUID();
    const commandId = v5(`${token} ${attemptId}`, COMMAND_ID_NAMESPACE);
    if (polledId === undefined && (await this.isDecided(commandId))) return notOpenPage();
    const data = { invitationId, actorId: memberId, via: 'email' };
    const outcome = await this.commands.execute(createCommand('invitations.accept.v1', commandId, data));
    if (outcome === undefined) {
      // The page may be shown under the address of the link that led here, which is not that of the attempt.
      const action = `/l/${token}`;
      return {
        status: 202,
        page: (view) => <StillPendingPage view={view} attemptId={attemptId} action={action} />,
      };
    }
    // The page may have been shown before a follow-up superseded its invitation.
    if (outcome.outcome === 'refused')
      return outcome.code === 'NOT_OPEN' ? this.showSuperseding(link, invitationId) : notOpenPage();
    await waitForReadModel(this.db, invitationId, isAnswered);
    const newConnection = await findNewConnection(this.db, memberId, inviterOf(invitationId));
    return {
      status: 200,
      page: (view) => <ConnectedPage view={view} newConnection={newConnection} />,
    };
  }

  private async isDecided(commandId: string): Promise<boolean> {
    return (await findOutcomes(this.db, [commandId])).size > 0;
  }
}

/** Returns the attempt id in a form; undefined if the form is not from our page. */
function readAttemptId(form: unknown, field: string): string | undefined {
  const id = form instanceof URLSearchParams ? form.get(field) : null;
  return id !== null && UUID.test(id) ? id.toLowerCase() : undefined;
}

/** Form fields: the id of a new attempt, and of one whose outcome is awaited. */
const ATTEMPT_FIELD = 'press';
const POLL_FIELD = 'look';

interface AttemptProps {
  readonly view: View;
  readonly attemptId: string;
}

interface AcceptPageProps extends AttemptProps {
  readonly invitation: ReceivedInvitation;
  /** For whom the link is. */
  readonly owner: string | undefined;
  /** Where the form posts to; by default the URL of the page. */
  readonly action?: string | undefined;
}

/**
 * D12: the link only shows the invitation; the button accepts it. The other answers need the session.
 */
function AcceptPage({ view, invitation, attemptId, owner, action }: AcceptPageProps) {
  const { texts } = view;
  const address = `/inbox/${invitation.invitationId}`;
  return (
    <Layout view={view} title={texts.wantsToConnect(invitation.inviter.name)}>
      {owner && (
        <p class="soft">
          <Sentence>{owner}</Sentence>
        </p>
      )}
      <InvitationCard view={view} invitation={invitation}>
        <AttemptForm name={ATTEMPT_FIELD} attemptId={attemptId} label={texts.accept} action={action} />
      </InvitationCard>
      <p>{texts.otherAnswers}</p>
      <div class="acts">
        <a class="button" href={`${address}/reply`}>
          {texts.reply}
        </a>
        <a class="button" href={`${address}/ignore`}>
          {texts.ignore}
        </a>
      </div>
    </Layout>
  );
}

/** Polls for the outcome of the same attempt. */
function StillPendingPage({ view, attemptId, action }: AttemptProps & { readonly action: string }) {
  const { underWay, underWayText, lookAgain } = view.texts;
  return (
    <NoticePage view={view} title={underWay} text={underWayText}>
      <AttemptForm name={POLL_FIELD} attemptId={attemptId} label={lookAgain} action={action} />
    </NoticePage>
  );
}

interface FormProps {
  readonly name: string;
  readonly attemptId: string;
  readonly label: string;
  readonly action?: string | undefined;
}

const AttemptForm = ({ name, attemptId, label, action }: FormProps) => (
  <form method="post" action={action} class="acts">
    <input type="hidden" name={name} value={attemptId} />
    <button type="submit" class="main">
      {label}
    </button>
  </form>
);
