import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { v5 } from 'uuid';
import { inviterOfInvitation, UUID } from '#libs/contracts';
import type { Queryable } from '#libs/platform';
import { findMemberName, findOpenInvitation, findOutcomes } from '#libs/read-models';
import { CommandDesk } from '../commands/command-desk.js';
import { commandOf } from '../commands/command-of.js';
import { connected, notOpen } from '../pages/notices.js';
import type { PageAnswer } from '../pages/page-answer.js';
import { answered, untilListed } from '../pages/until-listed.js';
import { DATABASE } from '../tokens.js';
import { AcceptPage, LOOK, PRESS, StillUnderWayPage } from './accept.page.js';
import type { Link, LinkHandler } from './link.js';

/** For ids made of tokens, which nobody else can make: who could guess one would have its outcome before its owner. */
const NAMESPACE = '8f1a3a5e-6c0e-4a55-9a0b-0a4f6a3f9d11';

/**
 * R11: accepting by the link in an e-mail, with the same result as on the site. It is good once: after that it leads to
 * the page of all that is no longer open.
 *
 * Each page that is shown has a number for the press of its button. The same press while it is under way is the same
 * command (D10); once that is decided, it is a link that has been used, like any other press. Only who was told that the
 * outcome is not known yet may look what it was.
 */
@Injectable()
export class AcceptLink implements LinkHandler {
  constructor(
    private readonly desk: CommandDesk,
    @Inject(DATABASE) private readonly db: Queryable,
  ) {}

  async show({ memberId, invitationId }: Link): Promise<PageAnswer> {
    if (invitationId === undefined) return notOpen();
    const invitation = await findOpenInvitation(this.db, memberId, invitationId);
    if (invitation === undefined) return notOpen();
    return {
      status: 200,
      page: (view) => <AcceptPage view={view} invitation={invitation} press={randomUUID()} />,
    };
  }

  async act({ token, memberId, invitationId }: Link, form: unknown): Promise<PageAnswer> {
    if (invitationId === undefined) return notOpen();
    const look = numberIn(form, LOOK);
    const press = look ?? numberIn(form, PRESS) ?? randomUUID();
    const commandId = v5(`${token} ${press}`, NAMESPACE);
    if (look === undefined && (await this.isDecided(commandId))) return notOpen();
    const data = { invitationId, actorId: memberId, via: 'email' };
    const outcome = await this.desk.carryOut(commandOf('invitations.accept.v1', commandId, data));
    if (outcome === undefined) {
      return { status: 202, page: (view) => <StillUnderWayPage view={view} press={press} /> };
    }
    if (outcome.outcome === 'refused') return notOpen();
    await untilListed(this.db, invitationId, answered);
    const inviterId = inviterOfInvitation(invitationId);
    return connected((await findMemberName(this.db, inviterId)) ?? inviterId);
  }

  private async isDecided(commandId: string): Promise<boolean> {
    return (await findOutcomes(this.db, [commandId])).size > 0;
  }
}

/** The number of the page whose button was pressed; undefined for what is not from our page. */
function numberIn(form: unknown, field: string): string | undefined {
  const number = form instanceof URLSearchParams ? form.get(field) : null;
  return number !== null && UUID.test(number) ? number.toLowerCase() : undefined;
}
