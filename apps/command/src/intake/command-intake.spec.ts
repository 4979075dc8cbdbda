import { beforeEach, describe, expect, it } from '@jest/globals';
import { Registry } from 'prom-client';
import type { Command, RefusalCode } from '#libs/invitation';
import type { Incoming, Outgoing, Producer } from '#libs/kafka';
import { createLogger, type Pool } from '#libs/platform';
import { ignoring, message, sending } from '../../../../test/support/command-messages.js';
import { id, minute } from '../../../../test/support/story.js';
import type { AccountDecider, Guess } from '../deciding/account-decider.js';
import { ReplyTopics } from '../outcomes/reply-topics.js';
import { CommandIntake } from './command-intake.js';
import { CommandMetrics } from './command-metrics.js';
import { placeOf, PublishedDeadLetters } from './published-dead-letters.js';

const A = 'invitations.outcomes.a';
const B = 'invitations.outcomes.b';

/** All that the intake works with, in memory. `steps` tells in which order it was used. */
class World {
  readonly steps: string[] = [];
  readonly decided: string[][] = [];
  readonly guesses: string[] = [];
  /** Accounts that the read model says have sent invitations. */
  readonly inviters: string[] = [];
  readonly published: Outgoing[] = [];
  readonly outcomes = new Map<string, { actor_id: string; refusal: string | null }>();
  refusal: RefusalCode | undefined;
  failing: 'deciding' | 'storing' | 'publishing' | undefined;

  readonly decider = {
    carryOut: async (accountId: string, commands: readonly Command[], guess?: Guess) => {
      this.step('deciding', 'decide');
      this.guesses.push(`${accountId} ${guess}`);
      this.decided.push([accountId, ...commands.map(({ commandId }) => commandId)]);
      return commands.map(() => this.refusal);
    },
  };

  readonly pool = {
    query: async (text: string, values: string[][]) => {
      if (text.startsWith('INSERT INTO read_models.command_outcomes')) {
        this.step('storing', 'store');
        const [ids, actors, refusals] = values as [string[], string[], (string | null)[]];
        const fresh = ids.filter((commandId) => !this.outcomes.has(commandId));
        for (const commandId of fresh) {
          const index = ids.indexOf(commandId);
          this.outcomes.set(commandId, { actor_id: actors[index]!, refusal: refusals[index]! });
        }
        return { rowCount: fresh.length };
      }
      if (text.includes('read_models.members')) return { rows: [] };
      if (text.includes('read_models.sent'))
        return { rows: this.inviters.map((inviter) => ({ id: inviter })) };
      const found = values[0]!.filter((commandId) => this.outcomes.has(commandId));
      return { rows: found.map((command_id) => ({ command_id, ...this.outcomes.get(command_id)! })) };
    },
  };

  readonly producer = {
    send: async (messages: readonly Outgoing[]) => {
      if (messages.length > 0) this.step('publishing', 'publish');
      this.published.push(...messages);
    },
  };

  listed = 0;
  readonly metrics = new Registry();

  /** Places of messages that have a dead letter. */
  readonly letters: string[] = [];

  intake(): CommandIntake {
    const logger = createLogger('test', 'silent');
    const now = () => new Date(minute(5));
    const list = async () => {
      this.listed += 1;
      return [A, B];
    };
    return new CommandIntake(
      this.decider as unknown as AccountDecider,
      this.pool as unknown as Pool,
      this.producer as unknown as Producer,
      new ReplyTopics(list, () => now().getTime(), logger),
      new PublishedDeadLetters(
        async () => new Set(this.letters),
        () => now().getTime(),
      ),
      new CommandMetrics(this.metrics),
      now,
      logger,
    );
  }

  /** Topic, command, outcome and code of every reply. */
  replies(): string[] {
    return this.published
      .filter(({ topic }) => topic.startsWith('invitations.outcomes.'))
      .map(({ topic, value }) => {
        const { commandId, outcome, code } = JSON.parse(String(value)) as Record<string, string>;
        return [topic, commandId, outcome, code].filter((part) => part !== undefined).join(' ');
      });
  }

  private step(what: typeof this.failing, step: string): void {
    this.steps.push(step);
    if (this.failing === what) throw new Error(`${step} failed`);
  }
}

describe('a chunk of commands', () => {
  let world: World;
  let intake: CommandIntake;
  const handle = (...messages: Incoming[]) => intake.handle(messages);

  beforeEach(() => {
    world = new World();
    intake = world.intake();
  });

  it('is decided, then its outcomes are stored, then they are published', async () => {
    await handle(sending(1, A), ignoring(2, A), sending(3, A, 'chiara'));
    expect(world.steps).toEqual(['decide', 'decide', 'store', 'publish']);
    expect(world.decided).toEqual([
      ['amal', id(1), id(2)],
      ['chiara', id(3)],
    ]);
    expect(world.replies()).toEqual([1, 2, 3].map((n) => `${A} ${id(n)} accepted`));
    expect(world.outcomes.get(id(2))).toEqual({ actor_id: 'bilal', refusal: null });
  });

  it('says which accounts are new for all that the read model knows', async () => {
    world.inviters.push('amal');
    await handle(sending(1), sending(2, undefined, 'chiara'));
    expect(world.guesses).toEqual(['amal known', 'chiara new']);
  });

  it("D10: answers nobody with another actor's outcome, and carries nothing out for an id that is taken", async () => {
    await handle(sending(1, A), sending(1, B, 'chiara'));
    expect(world.decided).toEqual([['amal', id(1)]]);
    expect(world.replies()).toEqual([`${A} ${id(1)} accepted`, `${B} ${id(1)} refused INVALID_COMMAND`]);
    await handle(sending(1, B, 'chiara'), sending(1, A));
    expect(world.decided).toHaveLength(1);
    expect(world.replies().slice(2)).toEqual([
      `${B} ${id(1)} refused INVALID_COMMAND`,
      `${A} ${id(1)} accepted`,
    ]);
  });

  it.each([
    ['deciding', ['decide']],
    ['storing', ['decide', 'store']],
  ] as const)('publishes nothing when %s fails', async (what, steps) => {
    world.failing = what;
    await expect(handle(sending(1, A), message({}, 'poison'))).rejects.toThrow('failed');
    expect(world.steps).toEqual(steps);
    expect(world.published).toEqual([]);
  });

  it('that fails to publish is an outage, after which what was decided stands', async () => {
    world.failing = 'publishing';
    await expect(handle(sending(1, A))).rejects.toThrow('publish failed');
    world.failing = undefined;
    world.refusal = 'LIMIT_REACHED';
    await handle(sending(1, A));
    expect(world.decided).toHaveLength(1);
    expect(world.replies()).toEqual([`${A} ${id(1)} accepted`]);
  });

  it('that fails to publish asks anew which reply topics exist', async () => {
    world.failing = 'publishing';
    await expect(handle(sending(1, A))).rejects.toThrow('publish failed');
    await expect(handle(sending(1, A))).rejects.toThrow('publish failed');
    expect(world.listed).toBe(2);
  });

  it('decides a command that comes twice once, and answers on every topic', async () => {
    await handle(sending(1, A), sending(1, B), sending(1));
    expect(world.decided).toEqual([['amal', id(1)]]);
    expect(world.replies()).toEqual([`${A} ${id(1)} accepted`, `${B} ${id(1)} accepted`]);
  });

  it('D10: keeps the first outcome of a command, also a refusal, and tells it again', async () => {
    world.refusal = 'ACCOUNT_RESTRICTED';
    await handle(sending(1, A));
    world.refusal = undefined;
    await handle(sending(1, B), sending(2, B));
    expect(world.decided).toEqual([
      ['amal', id(1)],
      ['amal', id(2)],
    ]);
    expect(world.replies()).toEqual([
      `${A} ${id(1)} refused ACCOUNT_RESTRICTED`,
      `${B} ${id(1)} refused ACCOUNT_RESTRICTED`,
      `${B} ${id(2)} accepted`,
    ]);
  });

  it('D10: tells the outcome that another process stored while this one decided', async () => {
    world.refusal = 'TOO_SOON';
    const { carryOut } = world.decider;
    world.decider.carryOut = async (...asked) => {
      world.outcomes.set(id(1), { actor_id: 'amal', refusal: null });
      return carryOut(...asked);
    };
    await handle(sending(1, A), sending(2, A));
    expect(world.replies()).toEqual([`${A} ${id(1)} accepted`, `${A} ${id(2)} refused TOO_SOON`]);
  });

  it('answers nowhere but on existing topics of outcomes', async () => {
    await handle(sending(1, 'invitations.sent'), sending(2, `${A}.missing`), sending(3));
    expect(world.decided.flat()).toEqual(['amal', id(1), id(2), id(3)]);
    expect(world.published).toEqual([]);
  });

  it('says nothing more in an outcome than the command and what became of it (D1)', async () => {
    world.refusal = 'RECIPIENT_UNAVAILABLE';
    await handle(sending(1, A));
    const [reply] = world.published;
    expect(reply).toMatchObject({ topic: A, key: id(1), headers: { ce_subject: id(1), ce_time: minute(5) } });
    expect(JSON.parse(String(reply!.value))).toEqual({
      commandId: id(1),
      outcome: 'refused',
      code: 'RECIPIENT_UNAVAILABLE',
    });
  });

  it('sets what is no command aside, with its refusal, and goes on with the rest', async () => {
    const headers = { ce_id: id(1), ce_type: 'invitations.send.v1', 'reply-to': A, custom: 'kept' };
    const poison = message(headers, '{"inviterId":"amal"}');
    await handle(poison, sending(2, A), message({}, null));
    const letters = world.published.filter(({ topic }) => topic === 'invitations.commands.dead-letter');
    expect(letters).toHaveLength(2);
    expect(letters[0]).toEqual({
      topic: 'invitations.commands.dead-letter',
      key: poison.key,
      value: poison.value,
      headers: {
        ...poison.headers,
        'dead-letter-topic': 'invitations.commands',
        'dead-letter-partition': '0',
        'dead-letter-offset': poison.offset,
        'dead-letter-reason': expect.stringContaining('recipientId'),
        'dead-letter-at': minute(5),
      },
    });
    expect(world.replies().toSorted()).toEqual([
      `${A} ${id(1)} refused INVALID_COMMAND`,
      `${A} ${id(2)} accepted`,
    ]);
    expect(world.outcomes.has(id(1))).toBe(false);
  });

  it('publishes no dead letter that is there already, and still answers', async () => {
    const first = message({ ce_id: id(1), 'reply-to': A }, '{}');
    world.letters.push(placeOf(first));
    const second = message({}, '{}');
    await handle(first, second);
    expect(world.published.map(({ topic }) => topic)).toEqual(['invitations.commands.dead-letter', A]);
    expect(world.published[0]!.headers).toMatchObject({ 'dead-letter-offset': second.offset });
  });

  it('looks again for what it may have published itself when publishing failed', async () => {
    const poison = message({}, '{}');
    world.failing = 'publishing';
    await expect(handle(poison)).rejects.toThrow('publish failed');
    world.failing = undefined;
    world.letters.push(placeOf(poison));
    await handle(poison);
    expect(world.published).toEqual([]);
  });

  it('stores the outcome of what left no event before the account is carried on', async () => {
    const { carryOut } = world.decider;
    world.decider.carryOut = async (accountId, commands) => carryOut(accountId, commands.slice(0, 2));
    await handle(sending(1, A), sending(2, A), sending(3, A), sending(4, A, 'chiara'));
    expect(world.steps).toEqual(['decide', 'decide', 'store', 'decide', 'store', 'publish']);
    expect(world.decided).toEqual([
      ['amal', id(1), id(2)],
      ['chiara', id(4)],
      ['amal', id(3)],
    ]);
    expect(world.replies()).toEqual([1, 2, 3, 4].map((n) => `${A} ${id(n)} accepted`));
  });

  it('of nothing but poison decides and stores nothing', async () => {
    await handle(message({}, 'poison'));
    expect(world.steps).toEqual(['publish']);
  });
});
