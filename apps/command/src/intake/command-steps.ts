import { correlationOfCommand, TOPICS } from '#libs/contracts';
import { isTracing, startSpan, type Span } from '#libs/platform';
import type { StoredOutcome } from '#libs/read-models';
import type { Asked } from './sort-messages.js';

/** The step that the command app is on each command's way, by the command's id; none where no traces are kept. */
export function commandSteps(asked: readonly Asked[]): ReadonlyMap<string, Span> | undefined {
  if (!isTracing()) return undefined;
  const steps = new Map<string, Span>();
  for (const { command, traceparent } of asked) {
    if (steps.has(command.commandId)) continue;
    const span = startSpan(`process ${TOPICS.commands}`, 'consumer', traceparent, {
      'messaging.system': 'kafka',
      'messaging.destination.name': TOPICS.commands,
      'invitations.command_id': command.commandId,
      'invitations.correlation_id': correlationOfCommand(command),
    });
    if (span !== undefined) steps.set(command.commandId, span);
  }
  return steps;
}

export function tellOutcomes(
  steps: ReadonlyMap<string, Span> | undefined,
  outcomes: ReadonlyMap<string, StoredOutcome>,
): void {
  for (const [commandId, span] of steps ?? []) {
    const refusal = outcomes.get(commandId)?.refusal;
    span.set({ 'invitations.outcome': refusal === undefined ? 'accepted' : 'refused' });
  }
}
