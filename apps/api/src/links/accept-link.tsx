import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { v5 } from 'uuid';
import { findOutcomes } from '#libs/command-outcomes';
import { UUID } from '#libs/contracts';
import { inviterOf } from '#libs/invitation';
import type { Queryable } from '#libs/platform';
import { findNewConnection, findOpenInvitation, type ReceivedInvitation } from '#libs/read-models';
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
import type { Link, LinkHandler } from './link.js';
import { describeLinkOwner } from './link-owner.js';

/**
 * The namespace of command ids that are derived from tokens. Nobody else can derive them: a guessed id would reveal
 * the outcome to a stranger.
 */
const COMMAND_ID_NAMESPACE = '8f1a3a5e-6c0e-4a55-9a0b-0a4f6a3f9d11';

/**
 * R11: accepts by the link in an e-mail, with the same result as on the site. A link works once; after that it leads
 * to the page for everything that is no longer open.
 *
 * Each page that is shown has an attempt id for its form. A repeated submission while the command is pending is the
 * same command (D10). Once it is decided, a repeated submission is a used link, like any other. Only the page that
 * said the outcome is pending may poll for it.
 */
@Injectable()
export class AcceptLink implements LinkHandler {
  constructor(
    private readonly commands: CommandGateway,
    @Inject(POOL) private readonly db: Queryable,
  ) {}

  async show({ memberId, invitationId }: Link): Promise<PageResponse> {
    if (invitationId === undefined) return notOpenPage();
    const invitation = await findOpenInvitation(this.db, memberId, invitationId);
    if (invitation === undefined) return notOpenPage();
    const owner = await describeLinkOwner(this.db, memberId);
    return {
      status: 200,
      page: (view) => (
        <AcceptPage view={view} invitation={invitation} attemptId={randomUUID()} owner={owner(view.texts)} />
      ),
    };
  }

  async submit({ token, memberId, invitationId }: Link, form: unknown): Promise<PageResponse> {
    if (invitationId === undefined) return notOpenPage();
    const polledId = readAttemptId(form, POLL_FIELD);
    const attemptId = polledId ?? readAttemptId(form, ATTEMPT_FIELD) ?? randomUUID();
    const commandId = v5(`${token} ${attemptId}`, COMMAND_ID_NAMESPACE);
    if (polledId === undefined && (await this.isDecided(commandId))) return notOpenPage();
    const data = { invitationId, actorId: memberId, via: 'email' };
    const outcome = await this.commands.execute(createCommand('invitations.accept.v1', commandId, data));
    if (outcome === undefined) {
      return { status: 202, page: (view) => <StillPendingPage view={view} attemptId={attemptId} /> };
    }
    if (outcome.outcome === 'refused') return notOpenPage();
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
}

/**
 * D12: the link only shows the invitation; the button accepts it. The form posts to the URL of the page. The other
 * answers need the session.
 */
function AcceptPage({ view, invitation, attemptId, owner }: AcceptPageProps) {
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
        <AttemptForm name={ATTEMPT_FIELD} attemptId={attemptId} label={texts.accept} />
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
function StillPendingPage({ view, attemptId }: AttemptProps) {
  const { underWay, underWayText, lookAgain } = view.texts;
  return (
    <NoticePage view={view} title={underWay} text={underWayText}>
      <AttemptForm name={POLL_FIELD} attemptId={attemptId} label={lookAgain} />
    </NoticePage>
  );
}

interface FormProps {
  readonly name: string;
  readonly attemptId: string;
  readonly label: string;
}

const AttemptForm = ({ name, attemptId, label }: FormProps) => (
  <form method="post" class="acts">
    <input type="hidden" name={name} value={attemptId} />
    <button type="submit" class="main">
      {label}
    </button>
  </form>
);
