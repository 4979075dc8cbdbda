import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { jsonEvent } from '@eventstore/db-client';
import { connectEventStore, dispose, streamOf, toStored, type EventStoreDBClient } from '#libs/event-store';
import type { InvitationEvent } from '#libs/invitation';
import { eventStoreUnderTest } from '../../support/event-store.js';
import { recorded } from '../recorded.js';

const MAIN = join(resolve(import.meta.dirname, '../../..'), 'dist/apps/replay/src/main.js');

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** An event store that nothing but the test writes to, and the tool, which runs in an empty folder of its own. */
export class ReplayWorld {
  private constructor(
    readonly url: string,
    readonly client: EventStoreDBClient,
    readonly folder: string,
    private readonly stopServer: () => Promise<void>,
  ) {}

  static async open(): Promise<ReplayWorld> {
    const server = await eventStoreUnderTest();
    const folder = await mkdtemp(join(tmpdir(), 'replay-'));
    return new ReplayWorld(server.url, connectEventStore(server.url), folder, () => server.stop());
  }

  async close(): Promise<void> {
    await dispose(this.client);
    await this.stopServer();
    await rm(this.folder, { recursive: true });
  }

  async append(accountId: string, events: readonly InvitationEvent[]): Promise<void> {
    await this.client.appendToStream(
      streamOf(accountId),
      events.map((event, index) => toStored(event, index)),
    );
  }

  /** A history as it was once stored, in the versions of its day. */
  async appendRecorded(accountId: string, name: string): Promise<void> {
    await this.client.appendToStream(
      streamOf(accountId),
      recorded(name).map(({ type, data, metadata }) => jsonEvent({ type, data, metadata })),
    );
  }

  start(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const { NODE_OPTIONS: _options, ...own } = process.env;
    return spawn(process.execPath, ['--disable-warning=TimeoutNegativeWarning', MAIN, ...args], {
      cwd: this.folder,
      env: { ...own, EVENTSTORE_URL: this.url, ...env },
    });
  }

  /** Runs the tool to its end. */
  async replay(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
    const child = this.start(args, env);
    let out = '';
    let err = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, out, err };
  }
}
