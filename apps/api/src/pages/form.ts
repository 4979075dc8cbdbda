import { isMembersCommandId } from '../commands/command-id.js';
import { invalid } from '../http/problem.js';

/** @throws Problem 400 for a body that is no form */
export function formIn(body: unknown): URLSearchParams {
  if (!(body instanceof URLSearchParams)) throw invalid();
  return body;
}

/** @throws Problem 400 for a form without an id */
export function commandIdIn(form: URLSearchParams): string {
  const id = form.get('commandId');
  if (id === null || !isMembersCommandId(id)) throw invalid();
  return id.toLowerCase();
}

/** A text without the line ends of forms, and without the blanks around it. */
export const textIn = (form: URLSearchParams, name: string): string =>
  (form.get(name) ?? '').replaceAll('\r\n', '\n').trim();

/** The page of a list on which a form stood, as a query. What is no cursor is refused when the list reads it. */
export function placeIn(form: URLSearchParams): string {
  const cursor = form.get('cursor');
  return cursor === null || cursor === '' ? '' : `?cursor=${encodeURIComponent(cursor)}`;
}
