import type { PipeTransform } from '@nestjs/common';
import { INVITATION_ID, MEMBER_ID } from '#libs/contracts';
import { notFound } from './problem.js';

/** Responds to a malformed invitation id as to an unknown one (D4). */
export class InvitationIdPipe implements PipeTransform<string, string> {
  transform(id: string): string {
    if (!INVITATION_ID.test(id)) throw notFound();
    return id;
  }
}

/** Responds to a malformed member id as to an unknown one. */
export class AccountIdPipe implements PipeTransform<string, string> {
  transform(id: string): string {
    if (!MEMBER_ID.test(id)) throw notFound();
    return id;
  }
}
