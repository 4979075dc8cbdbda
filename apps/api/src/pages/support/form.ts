import { isMemberCommandId } from '../../commands/command-request.js';
import { badRequest } from '../../http/problem.js';

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
