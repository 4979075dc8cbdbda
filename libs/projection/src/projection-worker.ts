import { setTimeout as sleep } from 'node:timers/promises';
import type { RecordedEvent } from '#libs/event-store';
import { Backoff, type Pool } from '#libs/platform';
import { commitBatch } from './commit-batch.js';
import type { Effect } from './effect.js';
import type { EventLog } from './event-log.js';
import { handOut, movedOn } from './hand-out.js';
import { acquire, beat, ensureProjection, leave, readHeld, release } from './leases/leases.js';
import type { Held, Seat } from './leases/seat.js';
import { isOutdated, missing, surplus } from './leases/standing.js';
import { expectToReach } from './log-ends-early.js';
import { microBatches } from './micro-batches.js';
import { parkedAccounts, wantedAccounts } from './parking/parked.table.js';
import { redrive } from './parking/redrive.js';
import { lowest } from './position.js';
import { watchSilence } from './silence.js';
import { liveGeneration } from './slices.query.js';
import type { WorkerSettings } from './worker-settings.js';
import type { WorkerStatus } from './worker-status.js';

/** From one look at the database to the next. */
interface Turn {
  held: Held;
  readonly over: AbortController;
  /** Why it ends, where that is no good reason. */
  trouble?: unknown;
}

/** After a new subscription, in milliseconds. */
const FIRST_LOOK_MS = 300;

/**
 * A worker: holds its share of the slices, subscribes behind their checkpoints and carries out batches. Whatever changes
 * or fails ends its turn; the next one begins with what the database says. Between turns it gives slices up, takes note
 * of new ones and tries parked accounts again, so that nothing of this ever meets a batch.
 */
export class ProjectionWorker {
  private readonly stopping = new AbortController();
  private readonly backoff = new Backoff(100, 5_000);
  private running: Promise<void> | undefined;
  private seat: Seat | undefined;
  /** The turn under way, once it knows what it holds. */
  private turn: Turn | undefined;
  private turns = 0;

  constructor(
    private readonly settings: WorkerSettings,
    private readonly pool: Pool,
    private readonly log: EventLog,
    private readonly effect: Effect,
    private readonly status: WorkerStatus,
  ) {}

  start(): void {
    this.running = this.run();
  }

  /** Finishes the batch under way and hands its slices over at once. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    const beating = this.keepBeating();
    while (!signal.aborted) {
      try {
        await this.takeTurn();
      } catch (error) {
        if (signal.aborted) break;
        this.status.disturbed(error);
        await this.backoff.wait(signal);
      }
    }
    await beating;
    // Without a database nothing can be handed over: others take it when the lease has run out.
    if (this.seat !== undefined) await leave(this.pool, this.seat).catch(() => undefined);
    this.status.holds([]);
  }

  private async takeTurn(): Promise<void> {
    this.turn = undefined;
    const { seat, held } = await this.settle();
    const slices = [...held.keys()];
    const parked = await parkedAccounts(this.pool, seat, slices);
    for (const wanted of await wantedAccounts(this.pool, seat, slices)) {
      const redriven = await redrive(this.pool, seat, this.effect, held.get(wanted.slice)!, wanted);
      if (redriven.isFree) parked.delete(wanted.accountId);
      this.status.redriven(wanted.accountId, redriven);
    }
    this.status.holds(slices);
    this.status.parkedAccounts(parked.size);
    const over = new AbortController();
    const turn: Turn = { held, over };
    this.turn = turn;
    const signal = AbortSignal.any([over.signal, this.stopping.signal]);
    if (held.size === 0) await this.standBy(signal);
    else await this.follow(seat, turn, parked, signal);
    if (turn.trouble !== undefined) throw turn.trouble;
    if (!signal.aborted) throw new Error('the event store ended the subscription');
  }

  /** What this replica is to work on, by the database. */
  private async settle(): Promise<{ seat: Seat; held: Held }> {
    const { projection, replica, leaseTtlMs } = this.settings;
    if (this.seat === undefined) await ensureProjection(this.pool, projection);
    const generation = this.settings.generation ?? (await liveGeneration(this.pool, projection));
    if (this.seat !== undefined && this.seat.generation !== generation) await leave(this.pool, this.seat);
    const seat = { projection, generation, replica };
    this.seat = seat;
    const standing = await beat(this.pool, seat, leaseTtlMs);
    await acquire(this.pool, seat, leaseTtlMs, missing(standing, replica));
    await release(this.pool, seat, surplus(standing, replica));
    return { seat, held: await readHeld(this.pool, seat) };
  }

  /** There are more replicas than slices: waits to be needed. */
  private async standBy(signal: AbortSignal): Promise<void> {
    this.goesWell();
    if (signal.aborted) return;
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  }

  private async follow(seat: Seat, turn: Turn, parked: Set<string>, signal: AbortSignal): Promise<void> {
    const slices = [...turn.held.keys()];
    const start = lowest([...turn.held.values()].map(({ position }) => position));
    const subscribed = { position: start, handled: start, received: 0, isBusy: false };
    const { status, log, settings } = this;
    status.subscribes(this.turns === 0);
    this.turns += 1;
    const events = (closing: AbortSignal) => log.follow(slices, start, AbortSignal.any([signal, closing]));
    const seen = (chunk: readonly RecordedEvent[]) => {
      subscribed.received += chunk.length;
      subscribed.position = chunk.at(-1)!.position;
    };
    const unwatch = new AbortController();
    const watching = this.watch(slices, subscribed, turn, AbortSignal.any([signal, unwatch.signal]));
    try {
      for await (const batch of microBatches(events, settings.batchEvents, settings.batchMs, seen)) {
        status.received(batch.length);
        if (signal.aborted) return;
        subscribed.isBusy = true;
        await this.carryOut(seat, turn, parked, batch);
        subscribed.handled = batch.at(-1)!.position;
        subscribed.isBusy = false;
      }
    } finally {
      unwatch.abort();
      await watching;
    }
  }

  private async carryOut(
    seat: Seat,
    turn: Turn,
    parked: Set<string>,
    batch: readonly RecordedEvent[],
  ): Promise<void> {
    const { status } = this;
    const handedOut = handOut(batch, turn.held, parked);
    const beganAt = performance.now();
    try {
      const stuck = await commitBatch(this.pool, seat, this.effect, handedOut);
      turn.held = movedOn(turn.held, handedOut);
      for (const one of stuck) {
        parked.add(one.accountId);
        status.parks(one);
      }
      if (stuck.length > 0) status.parkedAccounts(parked.size);
      const left = stuck.reduce((sum, { events }) => sum + events.length, 0);
      status.committed(handedOut.to, handedOut.free.length - left, beganAt);
      this.backoff.reset();
    } catch (error) {
      status.behind(batch[0]!.created);
      throw error;
    }
    status.behind(batch.length >= this.settings.batchEvents ? handedOut.at : undefined);
  }

  private async watch(
    slices: readonly number[],
    subscribed: Parameters<typeof watchSilence>[0],
    turn: Turn,
    signal: AbortSignal,
  ): Promise<void> {
    const { quietMs } = this.settings;
    const found = (waiting: RecordedEvent | undefined) => {
      this.status.behind(waiting?.created);
      if (waiting === undefined) this.goesWell();
    };
    const look = async (after: typeof subscribed.position) => {
      const checkpoints = [...turn.held.values()];
      const end = await this.log.end(slices, after, AbortSignal.any([signal, AbortSignal.timeout(quietMs)]));
      expectToReach(end.head, checkpoints);
      return end;
    };
    const counted = (events: number) => this.status.waiting(events);
    try {
      await watchSilence(subscribed, look, found, counted, { firstMs: FIRST_LOOK_MS, quietMs }, signal);
    } catch (error) {
      if (!signal.aborted) this.end(turn, error);
    }
  }

  private goesWell(): void {
    this.backoff.reset();
    this.status.goesWell();
  }

  private end(turn: Turn, trouble: unknown): void {
    turn.trouble ??= trouble;
    turn.over.abort();
  }

  /** Shows the others that this replica is alive, and ends the turn when something has changed. */
  private async keepBeating(): Promise<void> {
    const { settings, pool } = this;
    while (await sleep(settings.beatMs, true, { signal: this.stopping.signal }).catch(() => false)) {
      this.status.tick();
      const { seat, turn } = this;
      if (seat === undefined) continue;
      try {
        const standing = await beat(pool, seat, settings.leaseTtlMs);
        if (turn === undefined) continue;
        const isElsewhere = settings.generation === undefined && standing.shown !== seat.generation;
        const wanting = isElsewhere ? 0 : missing(standing, seat.replica);
        const taken = await acquire(pool, seat, settings.leaseTtlMs, wanting);
        if (taken > 0 || isElsewhere || isOutdated(standing, seat.replica, turn.held)) turn.over.abort();
      } catch (error) {
        if (turn !== undefined) this.end(turn, error);
      }
    }
  }
}
