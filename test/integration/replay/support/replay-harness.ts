import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jsonEvent } from '@eventstore/db-client';
import {
  connectEventStore,
  closeEventStore,
  streamOf,
  encodeEvent,
  type EventStoreDBClient,
} from '#libs/event-store';
import type { InvitationEvent } from '#libs/invitation';
import { openTestEventStore } from '../../../support/event-store.js';
import { runTool, startTool, type ToolResult } from '../../../support/run-tool.js';
import { readRecordedHistory } from '../recorded-histories.js';

const MAIN = 'replay/src/main.js';

/** An event store that only the test writes to, and the tool, which runs in an empty folder. */
export class ReplayHarness {
  private constructor(
    readonly url: string,
    readonly client: EventStoreDBClient,
    readonly folder: string,
    private readonly stopServer: () => Promise<void>,
  ) {}

  static async open(): Promise<ReplayHarness> {
    const server = await openTestEventStore();
    const folder = await mkdtemp(join(tmpdir(), 'replay-'));
    return new ReplayHarness(server.url, connectEventStore(server.url), folder, () => server.stop());
  }

  async close(): Promise<void> {
    await closeEventStore(this.client);
    await this.stopServer();
    await rm(this.folder, { recursive: true });
  }

  async append(accountId: string, events: readonly InvitationEvent[]): Promise<void> {
    await this.client.appendToStream(
      streamOf(accountId),
      events.map((event, index) => encodeEvent(event, index)),
    );
  }

  /** Appends a history as it was stored once, in the versions of that time. */
  async appendRecorded(accountId: string, name: string): Promise<void> {
    await this.client.appendToStream(
      streamOf(accountId),
      readRecordedHistory(name).map(({ type, data, metadata }) => jsonEvent({ type, data, metadata })),
    );
  }

  /** Starts the tool in a process of its own. */
  start(args: readonly string[], env?: Readonly<Record<string, string>>) {
    return startTool(MAIN, args, this.options(env)).child;
  }

  /** Runs the tool to its end. */
  replay(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<ToolResult> {
    return runTool(MAIN, args, this.options(env));
  }

  private options(env: Readonly<Record<string, string>> = {}) {
    return { cwd: this.folder, env: { EVENTSTORE_URL: this.url, ...env } };
  }
}
