import { Counter, Histogram, type Registry } from 'prom-client';
import type { InvitationEvent } from '#libs/invitation';
import { startSpan, type Span } from '#libs/platform';
import { correlationIdOf } from './events/event-codec.js';

/** Metrics of appends. One append holds the events of several commands on an account. */
export class AppendMetrics {
  private readonly duration: Histogram;
  private readonly events: Counter;
  private readonly failures: Counter<'reason'>;

  constructor(registry: Registry) {
    const registers = [registry];
    this.duration = new Histogram({
      name: 'invitations_event_store_append_seconds',
      help: 'Time until the event store has confirmed an append',
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
      registers,
    });
    this.events = new Counter({
      name: 'invitations_event_store_events_appended_total',
      help: 'Events in confirmed appends',
      registers,
    });
    this.failures = new Counter({
      name: 'invitations_event_store_append_failures_total',
      help: 'Attempts at appends that were not confirmed: another writer changed the account, or there was no clear response',
      labelNames: ['reason'],
      registers,
    });
    for (const reason of ['conflict', 'unclear']) this.failures.inc({ reason }, 0);
  }

  /** @param startedAt on the clock of `performance.now()` */
  appended(startedAt: number, events: number): void {
    this.duration.observe((performance.now() - startedAt) / 1000);
    this.events.inc(events);
  }

  failed(reason: 'conflict' | 'unclear'): void {
    this.failures.inc({ reason });
  }
}

/** The spans of commands, by command id. */
export type CommandSpans = ReadonlyMap<string, Span>;

const NO_SPANS: CommandSpans = new Map();

/** Starts a span for each command whose events are appended: one append holds several commands, each with its own trace. */
export function startAppendSpans(
  events: readonly InvitationEvent[],
  commandSpans: CommandSpans | undefined,
): CommandSpans {
  if (commandSpans === undefined) return NO_SPANS;
  const spans = new Map<string, Span>();
  for (const event of events) {
    const { commandId } = event;
    if (spans.has(commandId)) continue;
    const span = startSpan('append to account stream', 'client', commandSpans.get(commandId)?.traceparent, {
      'db.system.name': 'eventstoredb',
      'invitations.command_id': commandId,
      'invitations.correlation_id': correlationIdOf(event),
    });
    if (span !== undefined) spans.set(commandId, span);
  }
  return spans;
}
