import type { InvitationEvent } from '#libs/invitation';
import { startSpan, type Span } from '#libs/platform';
import { correlationOf } from './event-codec.js';

/** The steps that commands have come by, by the commands' ids. */
export type Steps = ReadonlyMap<string, Span>;

const NONE: ReadonlyMap<string, Span> = new Map();

/** A step for each command whose events are appended: commands on an account go together, their ways do not. */
export function appendSpans(
  events: readonly InvitationEvent[],
  steps: Steps | undefined,
): ReadonlyMap<string, Span> {
  if (steps === undefined) return NONE;
  const spans = new Map<string, Span>();
  for (const event of events) {
    const { commandId } = event;
    if (spans.has(commandId)) continue;
    const span = startSpan('append to account stream', 'client', steps.get(commandId)?.traceparent, {
      'db.system.name': 'eventstoredb',
      'invitations.command_id': commandId,
      'invitations.correlation_id': correlationOf(event),
    });
    if (span !== undefined) spans.set(commandId, span);
  }
  return spans;
}
