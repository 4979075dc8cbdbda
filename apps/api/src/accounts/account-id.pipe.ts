import type { PipeTransform } from '@nestjs/common';
import { MEMBER_ID } from '#libs/contracts';
import { notFound } from '../http/problem.js';

/** What cannot be a member's id names no account. */
export class AccountIdPipe implements PipeTransform<string, string> {
  transform(id: string): string {
    if (!MEMBER_ID.test(id)) throw notFound();
    return id;
  }
}
