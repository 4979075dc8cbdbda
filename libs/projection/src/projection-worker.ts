import { setTimeout as sleep } from 'node:timers/promises';
import type { RawEvent } from '#libs/event-store';
import { lowestPosition } from '#libs/event-store/read-only';
import { Backoff, type Pool } from '#libs/platform';
import { commitBatch, routeBatch, withAdvancedCheckpoints } from './commit-batch.js';
import { assertLogContains, assertLogReaches, type Checkpoint, type EventLog } from './event-log.js';
import type { LeaseHolder, OwnedSlices } from './leases/fencing.js';
import {
  acquireSlices,
  ensureProjection,
  heartbeat,
  needsRebalance,
  readOwnedSlices,
  releaseAll,
  releaseSlices,
  slicesToAcquire,
  slicesToRelease,
} from './leases/leases.js';
import { microBatches } from './micro-batches.js';
import { retryParkedAccount } from './parking/parked-actions.js';
import { findParkedAccounts, findRequestedActions } from './parking/parked-accounts.table.js';
import type { Sink } from './sink.js';
import { readLiveGeneration } from './slices.query.js';
import { watchSubscription, type SubscriptionProgress } from './subscription-watchdog.js';
import type { WorkerStatus } from './worker-status.js';

export interface WorkerSettings {
  readonly projection: string;
  /** Identifies this process; a new id with each start, so that a restarted process does not inherit leases. */
  readonly replica: string;
  /** The generation to work on. Without it, the live one, also after a switch. */
  readonly generation?: number;
  /** A replica without a heartbeat for this long is considered dead, in milliseconds. */
  readonly leaseTtlMs: number;
  /** Time between two heartbeats of this replica, in milliseconds. */
  readonly heartbeatMs: number;
  /** A subscription without events for this long is checked against the log, in milliseconds. */
  readonly quietMs: number;
  readonly batchMaxEvents: number;
  /** How long the first event of a batch waits for others, in milliseconds. */
  readonly batchMaxWaitMs: number;
}

export const WORKER_DEFAULTS = {
  leaseTtlMs: 5_000,
  heartbeatMs: 1_000,
  quietMs: 3_000,
  batchMaxEvents: 2_000,
  batchMaxWaitMs: 20,
} as const;

/** What the worker does from one rebalance to the next: the slices it owns and one subscription to them. */
interface Assignment {
  owned: OwnedSlices;
  /** Aborts when the slices have to be assigned again, or after an error. */
  readonly ended: AbortController;
  error?: unknown;
}

/** Time until a new subscription is checked for the first time, in milliseconds. */
const FIRST_CHECK_MS = 300;

/**
 * Runs a projection on this replica's share of the slices: acquires leases, subscribes after the checkpoints and commits
 * batches. A rebalance, an operator's request or an error ends the assignment; the next one starts from the state in the
 * database. Slices are acquired and released and parked accounts retried only between assignments, so none of this
 * interferes with a batch.
 */
export class ProjectionWorker {
  private readonly stopping = new AbortController();
  private readonly backoff = new Backoff(100, 5_000);
  private running: Promise<void> | undefined;
  private holder: LeaseHolder | undefined;
  /** The current assignment; undefined while the next one is being prepared. */
  private assignment: Assignment | undefined;
  private subscriptions = 0;

  constructor(
    private readonly settings: WorkerSettings,
    private readonly pool: Pool,
    private readonly log: EventLog,
    private readonly sink: Sink,
    private readonly status: WorkerStatus,
  ) {}

  start(): void {
    this.running = this.run();
  }

  /** Finishes the current batch and releases the slices, so that other replicas take them at once. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    const heartbeats = this.heartbeatLoop();
    while (!signal.aborted) {
      try {
        await this.runAssignment();
      } catch (error) {
        if (signal.aborted) break;
        this.status.onError(error);
        await this.backoff.wait(signal);
      }
    }
    await heartbeats;
    // If the database cannot be reached, other replicas take the slices when the lease has expired.
    if (this.holder !== undefined) await releaseAll(this.pool, this.holder).catch(() => undefined);
    this.status.setOwnedSlices([]);
  }

  private async runAssignment(): Promise<void> {
    this.assignment = undefined;
    const { holder, owned } = await this.acquireAssignment();
    const slices = [...owned.keys()];
    const parked = await findParkedAccounts(this.pool, holder, slices);
    for (const action of await findRequestedActions(this.pool, holder, slices)) {
      const result = await retryParkedAccount(this.pool, holder, this.sink, owned.get(action.slice)!, action);
      if (result.isUnparked) parked.delete(action.accountId);
      this.status.onRetried(action.accountId, result);
    }
    this.status.setOwnedSlices(slices);
    this.status.setParkedAccounts(parked.size);
    const ended = new AbortController();
    const assignment: Assignment = { owned, ended };
    this.assignment = assignment;
    const signal = AbortSignal.any([ended.signal, this.stopping.signal]);
    if (owned.size === 0) await this.waitIdle(signal);
    else await this.processEvents(holder, assignment, parked, signal);
    if (assignment.error !== undefined) throw assignment.error;
    if (!signal.aborted) throw new Error('the event store ended the subscription');
  }

  /** Rebalances: acquires slices up to the fair share of this replica and releases those above it. */
  private async acquireAssignment(): Promise<{ holder: LeaseHolder; owned: OwnedSlices }> {
    const { projection, replica, leaseTtlMs } = this.settings;
    if (this.holder === undefined) await ensureProjection(this.pool, projection);
    const generation = this.settings.generation ?? (await readLiveGeneration(this.pool, projection));
    if (this.holder !== undefined && this.holder.generation !== generation)
      await releaseAll(this.pool, this.holder);
    const holder = { projection, generation, replica };
    this.holder = holder;
    const group = await heartbeat(this.pool, holder, leaseTtlMs);
    await acquireSlices(this.pool, holder, leaseTtlMs, slicesToAcquire(group, replica));
    await releaseSlices(this.pool, holder, slicesToRelease(group, replica));
    return { holder, owned: await readOwnedSlices(this.pool, holder) };
  }

  /** Waits without slices: there are more replicas than slices, or the others have not released any yet. */
  private async waitIdle(signal: AbortSignal): Promise<void> {
    this.markHealthy();
    if (signal.aborted) return;
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  }

  private async processEvents(
    holder: LeaseHolder,
    assignment: Assignment,
    parked: Set<string>,
    signal: AbortSignal,
  ): Promise<void> {
    const slices = [...assignment.owned.keys()];
    const checkpoints = [...assignment.owned.values()];
    await this.assertSameLog(checkpoints, signal);
    const start = lowestPosition(checkpoints.map(({ position }) => position));
    const progress = { position: start, handled: start, received: 0, isBusy: false };
    const { status, log, settings } = this;
    status.onSubscribe(this.subscriptions === 0);
    this.subscriptions += 1;
    const onContinued = () => status.onSubscriptionContinued();
    const subscribe = (closing: AbortSignal) =>
      log.subscribe(slices, start, AbortSignal.any([signal, closing]), onContinued);
    const onRead = (events: readonly RawEvent[]) => {
      progress.received += events.length;
      progress.position = events.at(-1)!.position;
    };
    const unwatch = new AbortController();
    const watching = this.watch(slices, progress, assignment, AbortSignal.any([signal, unwatch.signal]));
    try {
      const { batchMaxEvents, batchMaxWaitMs } = settings;
      for await (const batch of microBatches(subscribe, batchMaxEvents, batchMaxWaitMs, onRead)) {
        status.onEventsRead(batch.length);
        if (signal.aborted) return;
        progress.isBusy = true;
        await this.processBatch(holder, assignment, parked, batch);
        progress.handled = batch.at(-1)!.position;
        progress.isBusy = false;
      }
    } finally {
      unwatch.abort();
      await watching;
    }
  }

  /** @throws LogReplacedError if this is not the log that the checkpoints are of */
  private async assertSameLog(checkpoints: readonly Checkpoint[], signal: AbortSignal): Promise<void> {
    if (checkpoints.every(({ position }) => position === undefined)) return;
    const timeout = AbortSignal.any([signal, AbortSignal.timeout(this.settings.quietMs)]);
    const { head } = await this.log.readTail([], undefined, timeout);
    assertLogReaches(head, checkpoints);
    await assertLogContains(checkpoints, (position) => this.log.findEventId(position, timeout));
  }

  private async processBatch(
    holder: LeaseHolder,
    assignment: Assignment,
    parked: Set<string>,
    events: readonly RawEvent[],
  ): Promise<void> {
    const { status } = this;
    const batch = routeBatch(events, assignment.owned, parked);
    const startedAt = performance.now();
    try {
      const failed = await commitBatch(this.pool, holder, this.sink, batch);
      assignment.owned = withAdvancedCheckpoints(assignment.owned, batch);
      for (const account of failed) {
        parked.add(account.accountId);
        status.onParked(account);
      }
      if (failed.length > 0) status.setParkedAccounts(parked.size);
      const notApplied = failed.reduce((sum, account) => sum + account.events.length, 0);
      status.onCommitted(batch.to, batch.applicable.length - notApplied, startedAt);
      this.backoff.reset();
    } catch (error) {
      status.setOldestUnhandled(events[0]!.created);
      throw error;
    }
    // A full batch means that more events are waiting.
    status.setOldestUnhandled(events.length >= this.settings.batchMaxEvents ? batch.lastEventAt : undefined);
  }

  /** Runs the watchdog beside a subscription; an error that it finds ends the assignment. */
  private async watch(
    slices: readonly number[],
    progress: SubscriptionProgress,
    assignment: Assignment,
    signal: AbortSignal,
  ): Promise<void> {
    const { quietMs } = this.settings;
    const onChecked = (waiting: RawEvent | undefined) => {
      this.status.setOldestUnhandled(waiting?.created);
      if (waiting === undefined) this.markHealthy();
    };
    const readTail = async (after: SubscriptionProgress['position']) => {
      const checkpoints = [...assignment.owned.values()];
      const timeout = AbortSignal.any([signal, AbortSignal.timeout(quietMs)]);
      const tail = await this.log.readTail(slices, after, timeout);
      assertLogReaches(tail.head, checkpoints);
      return tail;
    };
    const onLag = (events: number) => this.status.setLagEvents(events);
    const settings = { firstCheckMs: FIRST_CHECK_MS, quietMs };
    try {
      await watchSubscription(progress, readTail, onChecked, onLag, settings, signal);
    } catch (error) {
      if (!signal.aborted) this.failAssignment(assignment, error);
    }
  }

  private markHealthy(): void {
    this.backoff.reset();
    this.status.markHealthy();
  }

  private failAssignment(assignment: Assignment, error: unknown): void {
    assignment.error ??= error;
    assignment.ended.abort();
  }

  /** Renews this replica's heartbeat, and ends the assignment when slices have to be assigned again. */
  private async heartbeatLoop(): Promise<void> {
    const { settings, pool } = this;
    while (await sleep(settings.heartbeatMs, true, { signal: this.stopping.signal }).catch(() => false)) {
      this.status.refreshLagAge();
      const { holder, assignment } = this;
      if (holder === undefined) continue;
      try {
        const group = await heartbeat(pool, holder, settings.leaseTtlMs);
        if (assignment === undefined) continue;
        const { generation, replica } = holder;
        const wasSwitched = settings.generation === undefined && group.liveGeneration !== generation;
        const count = wasSwitched ? 0 : slicesToAcquire(group, replica);
        const acquired = await acquireSlices(pool, holder, settings.leaseTtlMs, count);
        if (acquired > 0 || wasSwitched || needsRebalance(group, replica, assignment.owned))
          assignment.ended.abort();
      } catch (error) {
        if (assignment !== undefined) this.failAssignment(assignment, error);
      }
    }
  }
}
