import { Injectable } from '@nestjs/common';
import { Counter, Histogram, Registry } from 'prom-client';
import type { StoredOutcome } from '#libs/command-outcomes';
import { correlationOfCommand } from '#libs/contracts';
import type { ConsumedMessage } from '#libs/kafka';
import { isTracing, startSpan, type Span } from '#libs/platform';
import type { CommandRequest } from './parse-batch.js';

const OUTCOMES = ['accepted', 'refused', 'repeated', 'dead-letter'] as const;

/**
 * Counts commands by outcome, once per batch. There is no label for the command's type or the refusal's code: nobody may read
 * the number of declines or ignores (R20, R29, R30), and many can read metrics.
 */
@Injectable()
export class CommandMetrics {
  private readonly commands: Counter<'outcome'>;
  private readonly publishToOutcome: Histogram;

  constructor(registry: Registry) {
    this.commands = new Counter({
      name: 'invitations_commands_total',
      help: 'Commands by outcome: accepted, refused, repeated (decided before), or sent to the dead-letter topic',
      labelNames: ['outcome'],
      registers: [registry],
    });
    for (const outcome of OUTCOMES) this.commands.inc({ outcome }, 0);
    this.publishToOutcome = new Histogram({
      name: 'invitations_publish_to_outcome_seconds',
      help: "Time from a command's publication, by its publisher's clock, until its outcome is stored and published",
      buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
      registers: [registry],
    });
  }

  countDecided(outcomes: readonly StoredOutcome[]): void {
    const refused = outcomes.filter(({ refusal }) => refusal !== undefined).length;
    this.commands.inc({ outcome: 'accepted' }, outcomes.length - refused);
    this.commands.inc({ outcome: 'refused' }, refused);
  }

  countRepeated(commands: number): void {
    this.commands.inc({ outcome: 'repeated' }, commands);
  }

  /** @param at when the responses to the messages were published, in milliseconds */
  recordResponses(messages: readonly Pick<ConsumedMessage, 'timestamp'>[], at: number): void {
    for (const { timestamp } of messages) {
      // A publisher's clock may be ahead.
      this.publishToOutcome.observe(Math.max(0, at - timestamp) / 1000);
    }
  }

  countDeadLetters(messages: number): void {
    this.commands.inc({ outcome: 'dead-letter' }, messages);
  }
}

/** Starts one span per command id; returns undefined if tracing is off. */
export function startCommandSpans(
  topic: string,
  requests: readonly CommandRequest[],
): ReadonlyMap<string, Span> | undefined {
  if (!isTracing()) return undefined;
  const spans = new Map<string, Span>();
  for (const { command, traceparent } of requests) {
    if (spans.has(command.commandId)) continue;
    const span = startSpan(`process ${topic}`, 'consumer', traceparent, {
      'messaging.system': 'kafka',
      'messaging.destination.name': topic,
      'invitations.command_id': command.commandId,
      'invitations.correlation_id': correlationOfCommand(command),
    });
    if (span !== undefined) spans.set(command.commandId, span);
  }
  return spans;
}

export function recordOutcomes(
  spans: ReadonlyMap<string, Span> | undefined,
  outcomes: ReadonlyMap<string, StoredOutcome>,
): void {
  for (const [commandId, span] of spans ?? []) {
    const outcome = outcomes.get(commandId);
    const decided = outcome?.refusal === undefined ? 'accepted' : 'refused';
    span.setAttributes({ 'invitations.outcome': outcome === undefined ? 'dead-letter' : decided });
  }
}
