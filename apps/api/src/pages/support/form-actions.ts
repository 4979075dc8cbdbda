import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { CommandMessage, OutcomeCode } from '#libs/contracts';
import type { Queryable } from '#libs/platform';
import { type InvitationListState, findInvitationListState } from '#libs/read-models';
import { POOL } from '#libs/service';
import { CommandGateway } from '../../commands/command-gateway.js';
import type { NoticeCode } from '../texts/texts.js';
import { pendingPage } from '../layout/notice.page.js';
import { PageRenderer } from './page-renderer.js';

/** The command of a submitted form, and what to show afterwards. */
interface FormAction {
  readonly command: CommandMessage;
  /** The member's invitation that the command is about, or that it creates. */
  readonly invitationId: string;
  /** The page that shows the result. */
  readonly returnTo: string;
  readonly successNotice: NoticeCode;
  /** Whether the lists show the effect of the command. */
  readonly isVisible: (listing: InvitationListState) => boolean;
  /** Renders the page that explains a refusal; by default the notice is shown on `returnTo`. */
  readonly onRefused?: (code: OutcomeCode) => Promise<string>;
}

@Injectable()
export class FormActions {
  constructor(
    private readonly commands: CommandGateway,
    private readonly pages: PageRenderer,
    @Inject(POOL) private readonly db: Queryable,
  ) {}

  async execute(reply: FastifyReply, action: FormAction): Promise<string> {
    const { command, invitationId, returnTo, successNotice, isVisible, onRefused } = action;
    const outcome = await this.commands.execute(command);
    if (outcome === undefined) return this.pages.render(reply, pendingPage(returnTo), false);
    if (outcome.outcome === 'refused') {
      const code = outcome.code ?? 'INVALID_COMMAND';
      return onRefused?.(code) ?? this.pages.redirect(reply, returnTo, { code });
    }
    await waitForReadModel(this.db, invitationId, isVisible);
    return this.pages.redirect(reply, returnTo, { code: successNotice, invitationId });
  }
}

const READ_MODEL_TIMEOUT_MS = 2_000;
const POLL_INTERVAL_MS = 25;

/**
 * Waits until the lists show a command's effect, at most READ_MODEL_TIMEOUT_MS. They follow the commands within
 * milliseconds; an inbox that still shows an accepted invitation would make the member accept it again.
 */
export async function waitForReadModel(
  db: Queryable,
  invitationId: string,
  isVisible: (listing: InvitationListState) => boolean,
): Promise<void> {
  const deadline = Date.now() + READ_MODEL_TIMEOUT_MS;
  while (!isVisible(await findInvitationListState(db, invitationId)) && Date.now() < deadline)
    await sleep(POLL_INTERVAL_MS);
}

/** Whether the invitation is open neither in the inbox nor in the archive. */
export const isAnswered = ({ inInbox, ignored }: InvitationListState): boolean =>
  !inInbox && ignored === undefined;
