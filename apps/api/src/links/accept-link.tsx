import { Inject, Injectable } from '@nestjs/common';
import { v5 } from 'uuid';
import { inviterOfInvitation, type CommandOutcome } from '#libs/contracts';
import type { Queryable } from '#libs/platform';
import { findMemberName, findOpenInvitation } from '#libs/read-models';
import { CommandDesk } from '../commands/command-desk.js';
import { commandOf } from '../commands/command-of.js';
import { storedOutcome } from '../commands/stored-outcome.js';
import { connected, notOpen, underWay } from '../pages/notices.js';
import type { PageAnswer } from '../pages/page-answer.js';
import { ENGLISH } from '../pages/texts.js';
import { DATABASE } from '../tokens.js';
import { AcceptPage } from './accept.page.js';
import type { Link, LinkHandler } from './link.js';

/** For ids made of tokens, which nobody else can make: who could guess one would have its outcome before its owner. */
const NAMESPACE = '8f1a3a5e-6c0e-4a55-9a0b-0a4f6a3f9d11';

/** R11: accepting by the link in an e-mail, with the same result as on the site. */
@Injectable()
export class AcceptLink implements LinkHandler {
  constructor(
    private readonly desk: CommandDesk,
    @Inject(DATABASE) private readonly db: Queryable,
  ) {}

  async show({ token, memberId, invitationId }: Link): Promise<PageAnswer> {
    if (invitationId === undefined) return notOpen();
    const pressedBefore = await storedOutcome(this.db, v5(token, NAMESPACE), memberId);
    if (pressedBefore !== undefined) return this.result(pressedBefore, invitationId);
    const invitation = await findOpenInvitation(this.db, memberId, invitationId);
    if (invitation === undefined) return notOpen();
    return { status: 200, page: <AcceptPage texts={ENGLISH} invitation={invitation} /> };
  }

  /** However often it is pressed, it is one command (D10). */
  async act({ token, memberId, invitationId }: Link): Promise<PageAnswer> {
    if (invitationId === undefined) return notOpen();
    const data = { invitationId, actorId: memberId, via: 'email' };
    const outcome = await this.desk.carryOut(commandOf('invitations.accept.v1', v5(token, NAMESPACE), data));
    return outcome === undefined ? underWay(`/l/${token}`) : this.result(outcome, invitationId);
  }

  private async result({ outcome }: CommandOutcome, invitationId: string): Promise<PageAnswer> {
    if (outcome === 'refused') return notOpen();
    const inviterId = inviterOfInvitation(invitationId);
    return connected((await findMemberName(this.db, inviterId)) ?? inviterId);
  }
}
