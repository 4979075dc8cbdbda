import {
  applyDecorators,
  createParamDecorator,
  Post,
  UseGuards,
  type ExecutionContext,
} from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { isMemberCommandId } from '../../commands/command-request.js';
import { InvitationIdPipe } from '../../http/id.pipes.js';
import { badRequest } from '../../http/problem.js';
import { getIdentity } from '../../identity/identity.js';
import { SameOriginGuard } from '../../identity/session.guard.js';

/** A route to which a form of a page is submitted: by a page of this origin only. */
export const PostForm = (path?: string | string[]): MethodDecorator =>
  applyDecorators(Post(path), UseGuards(SameOriginGuard));

/** What a member does about one invitation with a form, on a route with the parameter `id`. */
export interface InvitationAction {
  readonly actorId: string;
  readonly invitationId: string;
  readonly commandId: string;
  readonly form: URLSearchParams;
}

/** Injects it. A malformed invitation id is 404; what is not a form with a valid command id is 400. */
export const SubmittedAction = createParamDecorator(
  (_: unknown, context: ExecutionContext): InvitationAction =>
    readAction(context.switchToHttp().getRequest<FastifyRequest<{ Params: { id: string } }>>()),
);

function readAction(request: FastifyRequest<{ Params: { id: string } }>): InvitationAction {
  const invitationId = new InvitationIdPipe().transform(request.params.id);
  const form = requireForm(request.body);
  return { actorId: getIdentity(request).memberId, invitationId, commandId: readCommandId(form), form };
}

/** @throws ProblemError 400 for a body that is not a form */
export function requireForm(body: unknown): URLSearchParams {
  if (!(body instanceof URLSearchParams)) throw badRequest();
  return body;
}

/** @throws ProblemError 400 for a form without a valid command id */
export function readCommandId(form: URLSearchParams): string {
  const id = form.get('commandId');
  if (id === null || !isMemberCommandId(id)) throw badRequest();
  return id.toLowerCase();
}

/** Returns a field with LF line ends, trimmed. */
export const readText = (form: URLSearchParams, name: string): string =>
  (form.get(name) ?? '').replaceAll('\r\n', '\n').trim();

/**
 * Returns the cursor of the list page that contained the form, as a query string. An invalid cursor is rejected when
 * the list is read.
 */
export function readCursorQuery(form: URLSearchParams): string {
  const cursor = form.get('cursor');
  return cursor === null || cursor === '' ? '' : `?cursor=${encodeURIComponent(cursor)}`;
}
