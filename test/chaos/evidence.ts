import type { JSONRecordedEvent } from '@eventstore/db-client';
import { TOPICS, type CommandOutcome } from '#libs/contracts';
import { STREAM_PREFIX } from '#libs/event-store';
import type { Incoming } from '#libs/kafka';
import { REPLIES, type Servers } from '../command/support/servers.js';

/** What a run has left behind. */
export interface Evidence {
  /** By stream: type, command and data of each event, without times. */
  readonly streams: ReadonlyMap<string, readonly string[]>;
  readonly eventIds: readonly string[];
  /** By command: `accepted`, or the code of the refusal. */
  readonly outcomes: ReadonlyMap<string, string>;
  /** By command: every answer on the reply topic. */
  readonly replies: ReadonlyMap<string, readonly string[]>;
  /** By id, or value: see `Workload.poison`. */
  readonly deadLetters: readonly string[];
  /** By command: where it was first published. */
  readonly places: ReadonlyMap<string, { readonly partition: number; readonly offset: bigint }>;
}

export async function collect(servers: Servers): Promise<Evidence> {
  const streams = new Map<string, string[]>();
  const eventIds: string[] = [];
  for await (const { event } of servers.client.readAll()) {
    if (event?.streamId.startsWith(STREAM_PREFIX) !== true) continue;
    const { streamId, id, type, data, metadata } = event as JSONRecordedEvent;
    const { at: _at, ...timeless } = data as Record<string, unknown>;
    const { commandId } = metadata as { commandId: string };
    streams.set(streamId, [
      ...(streams.get(streamId) ?? []),
      `${type} ${commandId} ${JSON.stringify(timeless)}`,
    ]);
    eventIds.push(id);
  }
  const { rows } = await servers.pool.query<{ command_id: string; refusal: string | null }>(
    'SELECT command_id, refusal FROM read_models.command_outcomes',
  );
  const replies = new Map<string, string[]>();
  for (const { value } of await servers.read(REPLIES)) {
    const { commandId, outcome, code } = JSON.parse(String(value)) as CommandOutcome;
    replies.set(commandId, [...(replies.get(commandId) ?? []), code ?? outcome]);
  }
  const places = new Map<string, { partition: number; offset: bigint }>();
  for (const message of await servers.read(TOPICS.commands)) {
    const { partition, offset } = message;
    const id = message.header('ce_id') ?? '';
    if (!places.has(id)) places.set(id, { partition, offset: BigInt(offset) });
  }
  return {
    streams,
    eventIds,
    outcomes: new Map(rows.map(({ command_id, refusal }) => [command_id, refusal ?? 'accepted'])),
    replies,
    deadLetters: (await servers.read(TOPICS.deadLetters)).map(nameOf),
    places,
  };
}

const nameOf = (letter: Incoming): string =>
  letter.header('ce_id') ?? (JSON.parse(String(letter.value)) as string);
