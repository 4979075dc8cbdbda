import type { LoggedEvent } from '#libs/event-store';
import type { Outgoing } from '#libs/kafka';
import { stepAfter } from '../step-after.js';
import { assertAllowed } from './allow-list.js';
import { publicEvent } from './public-event.js';

/** The public form of an event once more held against the list of what may be known. */
export function publishedMessage(event: LoggedEvent): Outgoing | undefined {
  const message = publicEvent(event);
  if (message === undefined) return undefined;
  assertAllowed(message);
  return { ...message, trace: stepAfter(event) };
}
