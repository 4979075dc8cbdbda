import { randomUUID } from 'node:crypto';
import { expect } from '@jest/globals';
import type { Message } from 'kafkajs';
import { cloudEventHeaders } from '#libs/contracts';
import { collect } from '../../../e2e/chaos/evidence.js';
import { TcpProxy } from '../../support/tcp-proxy.js';
import { until } from '../../../support/until.js';
import { RunningApp } from './running-app.js';
import { GROUP, REPLIES, Servers } from './servers.js';

export const PATIENCE_MS = 90_000;

const portOf = (url: string) =>
  Number(/:(\d+)/.exec(url.slice(url.indexOf('@') + 1).replace(/^.*?\/\//, ''))![1]);

/** Invitations of as many accounts. */
export function sendings(count: number, replyTo = REPLIES): { ids: string[]; messages: Message[] } {
  const ids = Array.from({ length: count }, () => randomUUID());
  const messages = ids.map((id) => {
    const inviterId = `of-${id}`;
    const attributes = { id, type: 'invitations.send.v1', source: '/test', time: new Date().toISOString() };
    const headers = { ...cloudEventHeaders(attributes), 'reply-to': replyTo };
    return { key: inviterId, value: JSON.stringify({ inviterId, recipientId: 'recipient-1' }), headers };
  });
  return { ids, messages };
}

/** A command app and its servers. An app may reach the event store and the database through proxies that fail. */
export class OutageHarness {
  /** The app that was started last. */
  app!: RunningApp;

  private constructor(
    readonly servers: Servers,
    readonly toStore: TcpProxy,
    readonly toDatabase: TcpProxy,
  ) {}

  /** @param options whether a test kills the broker, which then is a process of its own */
  static async open(options?: { readonly killsBroker?: boolean }): Promise<OutageHarness> {
    const servers = await Servers.start(options);
    const toStore = await TcpProxy.to(portOf(servers.env['EVENTSTORE_URL']!));
    const toDatabase = await TcpProxy.to(portOf(servers.env['DATABASE_URL']!));
    return new OutageHarness(servers, toStore, toDatabase);
  }

  async close(): Promise<void> {
    await this.toStore.close();
    await this.toDatabase.close();
    await this.servers.stop();
  }

  /** Starts an app, by default without the proxies. */
  async startApp(env = this.servers.env): Promise<RunningApp> {
    this.app = await RunningApp.start(env);
    return this.app;
  }

  throughProxies(): Readonly<Record<string, string>> {
    const { env } = this.servers;
    return {
      ...env,
      EVENTSTORE_URL: `esdb://127.0.0.1:${this.toStore.port}?tls=false`,
      DATABASE_URL: env['DATABASE_URL']!.replace(
        String(portOf(env['DATABASE_URL']!)),
        String(this.toDatabase.port),
      ),
    };
  }

  openProxies(): void {
    this.toStore.open();
    this.toDatabase.open();
  }

  async memberIds(): Promise<string[]> {
    const { groups } = await this.servers.admin.describeGroups([GROUP]);
    return groups[0]!.members.map(({ memberId }) => memberId);
  }

  async outcomesOf(ids: readonly string[]): Promise<number> {
    const { rows } = await this.servers.pool.query<{ count: string }>(
      'SELECT count(*) FROM read_models.command_outcomes WHERE command_id = ANY($1::uuid[]) AND refusal IS NULL',
      [ids],
    );
    return Number(rows[0]!.count);
  }

  untilDone(ids: readonly string[]): Promise<void> {
    return until(
      async () => (await this.outcomesOf(ids)) === ids.length && (await this.servers.lag()) === 0,
      PATIENCE_MS,
      () => `${ids.length} outcomes; ${this.app.output.slice(-3_000)}`,
    );
  }
}

/** Each has one effect, and the one answer, at least once. */
export async function expectDoneOnce(servers: Servers, ids: readonly string[]): Promise<void> {
  const { eventIds, streams, replies } = await collect(servers);
  expect(new Set(eventIds).size).toBe(eventIds.length);
  for (const id of ids) {
    const events = [...streams].filter(([stream]) => stream.endsWith(`-of-${id}`)).flatMap(([, all]) => all);
    expect([id, events.length, ...new Set(replies.get(id))]).toEqual([id, 1, 'accepted']);
  }
}
