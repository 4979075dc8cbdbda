import type { PipeTransform } from '@nestjs/common';
import { INVITATION_ID } from '#libs/contracts';
import { notFound } from '../http/problem.js';

/** What cannot be an invitation's id is answered as one that does not exist (D4). */
export class InvitationIdPipe implements PipeTransform<string, string> {
  transform(id: string): string {
    if (!INVITATION_ID.test(id)) throw notFound();
    return id;
  }
}
