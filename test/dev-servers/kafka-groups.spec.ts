// Over 250 lines: a client by hand and every state that a group can be in, which only read together.
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Group } from '../../libs/dev-servers/src/kafka/groups/group.js';
import type {
  JoinOutcome,
  JoinRequest,
  SyncOutcome,
} from '../../libs/dev-servers/src/kafka/groups/member.js';
import type { Peer } from '../../libs/dev-servers/src/kafka/protocol/api.js';
import { ErrorCode } from '../../libs/dev-servers/src/kafka/protocol/error-codes.js';

const SESSION_MS = 10_000;
const REBALANCE_MS = 60_000;

let group: Group;
let abandoned: jest.Mock;

beforeEach(() => {
  jest.useFakeTimers();
  abandoned = jest.fn();
  group = new Group(0, abandoned);
});

afterEach(() => {
  jest.useRealTimers();
});

/** A connection: what it asked for last, and whether there is an answer. */
class Client {
  private readonly connection = new AbortController();
  readonly peer: Peer = { host: '/test', closed: this.connection.signal, pendingMembers: 0 };
  joined: JoinOutcome | undefined;
  synced: SyncOutcome | undefined;
  id = '';

  async join(request: Partial<JoinRequest> = {}): Promise<void> {
    this.joined = undefined;
    const outcome = group.join(
      {
        memberId: this.id,
        instanceId: null,
        clientId: 'c',
        sessionTimeoutMs: SESSION_MS,
        rebalanceTimeoutMs: REBALANCE_MS,
        protocolType: 'consumer',
        protocols: [{ name: 'range', metadata: Buffer.from('same') }],
        mustReturn: false,
        ...request,
      },
      this.peer,
    );
    void Promise.resolve(outcome).then((joined) => {
      this.joined = joined;
      this.id = joined.memberId;
    });
    await settle();
  }

  async sync(assignments: Record<string, string> = {}): Promise<void> {
    this.synced = undefined;
    const shares = new Map(Object.entries(assignments).map(([id, share]) => [id, Buffer.from(share)]));
    const outcome = group.sync(this.id, this.joined!.generation, shares, this.peer);
    void Promise.resolve(outcome).then((synced) => (this.synced = synced));
    await settle();
  }

  heartbeat(): ErrorCode {
    return group.heartbeat(this.id, this.joined!.generation);
  }

  async disconnect(): Promise<void> {
    this.connection.abort();
    await settle();
  }
}

const settle = () => jest.advanceTimersByTimeAsync(0);

/** A group at work: the first client leads. */
async function stable(...followers: Client[]): Promise<Client> {
  const leader = new Client();
  await leader.join();
  for (const follower of followers) {
    await follower.join();
    await leader.join();
  }
  for (const follower of followers) await follower.sync();
  await leader.sync(Object.fromEntries([leader, ...followers].map(({ id }, i) => [id, `share ${i}`])));
  return leader;
}

describe('a group', () => {
  it('hands out the shares that its leader decides on', async () => {
    const follower = new Client();
    const leader = await stable(follower);
    expect(leader.joined!.members.map(({ id }) => id)).toEqual([leader.id, follower.id]);
    expect(follower.joined).toMatchObject({ generation: 2, leader: leader.id, members: [] });
    expect(String(leader.synced!.assignment)).toBe('share 0');
    expect(String(follower.synced!.assignment)).toBe('share 1');
    expect(group.state).toBe('Stable');
  });

  it('takes the protocol that all offer and most prefer, and refuses who offers none of them', async () => {
    const protocols = (...names: string[]) => ({
      protocols: names.map((name) => ({ name, metadata: Buffer.alloc(0) })),
    });
    const [a, b, c, stranger] = [new Client(), new Client(), new Client(), new Client()];
    await a.join(protocols('only a', 'x', 'y'));
    await b.join(protocols('y', 'x'));
    await c.join(protocols('y', 'x', 'only c'));
    await stranger.join(protocols('only a'));
    expect(stranger.joined!.error).toBe(ErrorCode.INCONSISTENT_GROUP_PROTOCOL);
    await a.join(protocols('only a', 'x', 'y'));
    expect(a.joined).toMatchObject({ protocol: 'y', generation: 2 });
    await stranger.join({ protocolType: 'connect' });
    expect(stranger.joined!.error).toBe(ErrorCode.INCONSISTENT_GROUP_PROTOCOL);
  });

  it('drops a member that is silent for its session, and asks the others to join again', async () => {
    const follower = new Client();
    const leader = await stable(follower);
    await jest.advanceTimersByTimeAsync(SESSION_MS - 1);
    expect(leader.heartbeat()).toBe(ErrorCode.NONE);
    await jest.advanceTimersByTimeAsync(1);
    expect(leader.heartbeat()).toBe(ErrorCode.REBALANCE_IN_PROGRESS);
    expect(follower.heartbeat()).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
    await leader.join();
    expect(leader.joined).toMatchObject({ generation: 3, members: [{ id: leader.id }] });
  });

  it('waits for a member that is alive but busy no longer than its rebalance timeout', async () => {
    const busy = new Client();
    const leader = await stable(busy);
    await leader.join();
    for (let waited = 0; waited < REBALANCE_MS - 5_000; waited += 5_000) {
      await jest.advanceTimersByTimeAsync(5_000);
      expect(busy.heartbeat()).toBe(ErrorCode.REBALANCE_IN_PROGRESS);
    }
    expect(leader.joined).toBeUndefined();
    await jest.advanceTimersByTimeAsync(5_000);
    expect(leader.joined!.members.map(({ id }) => id)).toEqual([leader.id]);
    expect(busy.heartbeat()).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
  });

  it('is not held up longer than a session by a connection that closed while it joined', async () => {
    const follower = new Client();
    const leader = await stable(follower);
    const ghost = new Client();
    await ghost.join();
    await ghost.disconnect();
    await leader.join();
    await follower.join();
    expect(leader.joined).toBeUndefined();
    await jest.advanceTimersByTimeAsync(SESSION_MS);
    expect(leader.joined!.members.map(({ id }) => id)).toEqual([leader.id, follower.id]);
  });

  it('is not held up longer than a session by a connection that closed while it synchronised', async () => {
    const follower = new Client();
    const leader = await stable(follower);
    await leader.join();
    await follower.join();
    await follower.sync();
    await follower.disconnect();
    await leader.sync({ [leader.id]: 'all' });
    expect(leader.heartbeat()).toBe(ErrorCode.NONE);
    await jest.advanceTimersByTimeAsync(SESSION_MS - 1);
    expect(leader.heartbeat()).toBe(ErrorCode.NONE);
    await jest.advanceTimersByTimeAsync(1);
    expect(leader.heartbeat()).toBe(ErrorCode.REBALANCE_IN_PROGRESS);
  });

  it('answers a member that asks again when its first reply was lost', async () => {
    const follower = new Client();
    const leader = await stable(follower);
    await follower.join();
    expect(follower.joined).toMatchObject({ error: ErrorCode.NONE, generation: 2 });
    expect(leader.heartbeat()).toBe(ErrorCode.NONE);
    await follower.sync();
    expect(String(follower.synced!.assignment)).toBe('share 1');
  });

  it('drops only those who have not synchronised when their leader keeps silent about the shares', async () => {
    const follower = new Client();
    const leader = new Client();
    await leader.join();
    await follower.join();
    await leader.join();
    await follower.sync();
    for (let waited = 0; waited < REBALANCE_MS; waited += 5_000) {
      leader.heartbeat();
      await jest.advanceTimersByTimeAsync(5_000);
    }
    expect(follower.synced!.error).toBe(ErrorCode.REBALANCE_IN_PROGRESS);
    expect(leader.heartbeat()).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
    await follower.join();
    expect(follower.joined).toMatchObject({ leader: follower.id, members: [{ id: follower.id }] });
  });

  it('begins again when a member comes while shares are awaited', async () => {
    const follower = new Client();
    const leader = new Client();
    await leader.join();
    await follower.join();
    await leader.join();
    await follower.sync();
    await new Client().join();
    expect(follower.synced!.error).toBe(ErrorCode.REBALANCE_IN_PROGRESS);
    await leader.sync();
    expect(leader.synced!.error).toBe(ErrorCode.REBALANCE_IN_PROGRESS);
  });

  it('lets a commit through while members join, and not while shares are awaited', async () => {
    const leader = await stable();
    const { id } = leader;
    await new Client().join();
    expect(group.refusalToCommit(id, 1)).toBeUndefined();
    await leader.join();
    expect(group.refusalToCommit(id, 2)).toBe(ErrorCode.REBALANCE_IN_PROGRESS);
    expect(group.refusalToCommit(id, 1)).toBe(ErrorCode.ILLEGAL_GENERATION);
  });

  it('puts a static member in the place of its former self', async () => {
    const before = new Client();
    await before.join({ instanceId: 'pod-0', mustReturn: true });
    expect(before.joined!.error).toBe(ErrorCode.NONE);
    await before.sync({ [before.id]: 'all' });
    const after = new Client();
    await after.join({ instanceId: 'pod-0', mustReturn: true });
    expect(after.joined).toMatchObject({
      error: ErrorCode.NONE,
      members: [{ id: after.id, instanceId: 'pod-0' }],
    });
    expect(before.heartbeat()).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
    expect(group.leave('', 'pod-0')).toBe(ErrorCode.NONE);
    expect(abandoned).toHaveBeenCalledTimes(1);
  });
});

describe('the id that a newcomer must come back with', () => {
  it('holds a rebalance up until it has come, or its session is over', async () => {
    const leader = await stable();
    const newcomer = new Client();
    await newcomer.join({ mustReturn: true });
    expect(newcomer.joined!.error).toBe(ErrorCode.MEMBER_ID_REQUIRED);
    await leader.join();
    expect(leader.joined).toBeUndefined();
    await jest.advanceTimersByTimeAsync(SESSION_MS);
    expect(leader.joined).toMatchObject({ generation: 2, members: [{ id: leader.id }] });
    await newcomer.join({ mustReturn: true });
    expect(newcomer.joined!.error).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
  });

  it('is given up when its connection closes, and when it leaves', async () => {
    const leader = await stable();
    for (const goes of [(c: Client) => c.disconnect(), async (c: Client) => void group.leave(c.id, null)]) {
      const newcomer = new Client();
      await newcomer.join({ mustReturn: true });
      await leader.join();
      expect(leader.joined).toBeUndefined();
      await goes(newcomer);
      await settle();
      expect(leader.joined!.error).toBe(ErrorCode.NONE);
      expect(newcomer.peer.pendingMembers).toBe(0);
      await leader.sync();
    }
  });
});

describe('an empty group', () => {
  it('is forgotten when its last member leaves, and when nobody has got in', async () => {
    const leader = await stable();
    expect(abandoned).not.toHaveBeenCalled();
    group.leave(leader.id, null);
    expect(abandoned).toHaveBeenCalledTimes(1);
    await leader.join({ memberId: 'stranger' });
    expect(leader.joined!.error).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
    expect(abandoned).toHaveBeenCalledTimes(2);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('waits for further members as long as it is told to', async () => {
    group = new Group(3_000, abandoned);
    const [first, second] = [new Client(), new Client()];
    await first.join();
    await jest.advanceTimersByTimeAsync(2_999);
    await second.join();
    expect(first.joined).toBeUndefined();
    await jest.advanceTimersByTimeAsync(1);
    expect(first.joined).toMatchObject({ generation: 1 });
    expect(first.joined!.members).toHaveLength(2);
    expect(second.joined).toMatchObject({ generation: 1 });
  });
});
