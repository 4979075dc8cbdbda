import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import {
  connectEventStore,
  dispose,
  endOfLog,
  logBatches,
  type EventStoreDBClient,
  type RecordedEvent,
} from '#libs/event-store/reading';
import { loadConfig } from '#libs/platform';
import { isAfter, type Position } from '#libs/projection/reading';
import type { Progress } from '../cli/progress.js';
import { ReplayConfig } from '../config.js';
import { wanted, type Selection } from './selection.js';

/** The client, as far as it is needed: it could append, this cannot. */
type ReadingClient = Pick<EventStoreDBClient, 'readAll' | 'readStream' | 'dispose'>;

/** How long the store may take to tell where its log ends. */
const END_MS = 10_000;

/** The event store's log. It connects when it is first asked: help needs no server. */
@Injectable()
export class Log implements OnApplicationShutdown {
  private client: ReadingClient | undefined;

  /** Where the log ends now; undefined where it is empty. */
  async end(): Promise<Position | undefined> {
    const { head } = await endOfLog(this.opened(), [], undefined, AbortSignal.timeout(END_MS));
    return head;
  }

  /** Where a selection ends: no later than the log does now. */
  async endOf({ to }: Selection): Promise<Position | undefined> {
    const end = await this.end();
    return to !== undefined && end !== undefined && isAfter(end, to) ? to : end;
  }

  /**
   * The selected events of accounts, in the log's order, in batches as they come; no batch is empty. It ends where the
   * log ended when this was asked.
   * @throws EventStoreUnavailable
   */
  async *batches(
    selection: Selection = {},
    shown?: Progress,
  ): AsyncGenerator<readonly RecordedEvent[], void, void> {
    for await (const { events } of this.stretches(selection, shown)) if (events.length > 0) yield events;
  }

  /** The same, with the place that each batch brings one to: also where nothing of it was selected. */
  async *stretches(
    selection: Selection,
    shown?: Progress,
  ): AsyncGenerator<{ events: readonly RecordedEvent[]; at: Position }, void, void> {
    const { after, account } = selection;
    const to = await this.endOf(selection);
    if (to === undefined || !isAfter(to, after)) return;
    const isWanted = wanted(selection);
    for await (const { events, at } of logBatches(this.opened(), { account, after, to })) {
      shown?.passed(events.length, at, after, to);
      yield { events: isWanted === undefined ? events : events.filter(isWanted), at };
    }
  }

  async onApplicationShutdown(): Promise<void> {
    if (this.client !== undefined) await dispose(this.client);
  }

  private opened(): ReadingClient {
    return (this.client ??= connectEventStore(loadConfig(ReplayConfig).EVENTSTORE_URL));
  }
}
