import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { v5 } from 'uuid';
import { inviterOfInvitation, UUID } from '#libs/contracts';
import type { Queryable } from '#libs/platform';
import { findMemberName, findOpenInvitation, wasDecidedBefore } from '#libs/read-models';
import { CommandDesk } from '../commands/command-desk.js';
import { commandOf } from '../commands/command-of.js';
import { connected, notOpen } from '../pages/notices.js';
import type { PageAnswer } from '../pages/page-answer.js';
import { answered, untilListed } from '../pages/until-listed.js';
import { DATABASE } from '../tokens.js';
import { AcceptPage, StillUnderWayPage } from './accept.page.js';
import type { Link, LinkHandler } from './link.js';

/** For ids made of tokens, which nobody else can make: who could guess one would have its outcome before its owner. */
const NAMESPACE = '8f1a3a5e-6c0e-4a55-9a0b-0a4f6a3f9d11';

/** A double click, or a browser that sends a form again because the answer was lost. In milliseconds. */
const SAME_PRESS_WITHIN_MS = 60_000;

/**
 * R11: accepting by the link in an e-mail, with the same result as on the site. It is good once: after that it leads to
 * the page of all that is no longer open.
 *
 * Each page that is shown has a number for the press of its button. The same press again is the same command, which
 * gets its first outcome (D10): a double click sees that it worked. Another press, or the same one much later, is a
 * link that has been used.
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
    const press = pressIn(form);
    const commandId = v5(`${token} ${press}`, NAMESPACE);
    const longAgo = new Date(Date.now() - SAME_PRESS_WITHIN_MS);
    if (await wasDecidedBefore(this.db, commandId, longAgo)) return notOpen();
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
}

/** The number of the page whose button was pressed; a new one for what is not from our page. */
function pressIn(form: unknown): string {
  const press = form instanceof URLSearchParams ? form.get('press') : null;
  return press !== null && UUID.test(press) ? press.toLowerCase() : randomUUID();
}
