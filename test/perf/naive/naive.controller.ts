import { EventStoreDBClient, jsonEvent, NO_STREAM, START, StreamNotFoundError } from '@eventstore/db-client';
import { Controller } from '@nestjs/common';
import { Ctx, EventPattern, Payload, type KafkaContext } from '@nestjs/microservices';
import {
  decide,
  DEFAULT_POLICY,
  evolve,
  initialState,
  type InvitationEvent,
  type SendInvitation,
} from '#libs/invitation';
import { NAIVE_TOPIC } from './topic.js';

interface SendBody {
  readonly inviterId: string;
  readonly recipientId: string;
  readonly message?: string;
}

@Controller()
export class NaiveController {
  private readonly client = EventStoreDBClient.connectionString(process.env['EVENTSTORE_URL']!);

  @EventPattern(NAIVE_TOPIC)
  async send(@Payload() body: SendBody, @Ctx() context: unknown): Promise<void> {
    const { headers } = (context as KafkaContext).getMessage();
    const command: SendInvitation = {
      type: 'SendInvitation',
      commandId: String(headers!['ce_id']),
      at: new Date().toISOString(),
      recipient: { available: true, emailMatches: false },
      ...body,
    };
    const stream = `naive-${body.inviterId}`;
    const { account, revision } = await this.load(stream);
    const decision = decide(account, command, DEFAULT_POLICY);
    if (decision.outcome === 'refused') return;
    for (const event of decision.events) {
      const { type, ...data } = event;
      await this.client.appendToStream(stream, jsonEvent({ type, data }), {
        expectedRevision: revision,
      });
    }
  }

  private async load(stream: string) {
    const account = initialState();
    let revision: bigint | typeof NO_STREAM = NO_STREAM;
    try {
      for await (const { event } of this.client.readStream(stream, { fromRevision: START })) {
        evolve(account, { type: event!.type, ...(event!.data as object) } as InvitationEvent);
        revision = event!.revision;
      }
    } catch (error) {
      if (!(error instanceof StreamNotFoundError)) throw error;
    }
    return { account, revision };
  }
}
