import type { JSONRecordedEvent } from '@eventstore/db-client';
import { TOPICS, type CommandOutcome } from '#libs/contracts';
import { STREAM_PREFIX } from '#libs/event-store';
import type { ConsumedMessage } from '#libs/kafka';
import { REPLIES, type Servers } from '../../integration/command/support/servers.js';

/** What a run has left on the servers. */
export interface Evidence {
  /** By stream: type, command and data of each event, without times. */
  readonly streams: ReadonlyMap<string, readonly string[]>;
  readonly eventIds: readonly string[];
  /** By command: `accepted`, or the code of the refusal. */
  readonly outcomes: ReadonlyMap<string, string>;
  /** By command: every reply with its outcome. */
  readonly replies: ReadonlyMap<string, readonly string[]>;
  /** Commands whose id was reused with another content, and refused for that. */
  readonly taken: ReadonlySet<string>;
  /** By id or by value: see `Workload.invalid`. */
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
  const taken = new Set<string>();
  for (const { value } of await servers.read(REPLIES)) {
    const { commandId, outcome, code, reason } = JSON.parse(String(value)) as CommandOutcome;
    if (reason?.startsWith('ce_id was used before') === true) taken.add(commandId);
    else replies.set(commandId, [...(replies.get(commandId) ?? []), code ?? outcome]);
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
    taken,
    deadLetters: (await servers.read(TOPICS.deadLetters)).map(nameOf),
    places,
  };
}

const nameOf = (letter: ConsumedMessage): string =>
  letter.header('ce_id') ?? (JSON.parse(String(letter.value)) as string);
