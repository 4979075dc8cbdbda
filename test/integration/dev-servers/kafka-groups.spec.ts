// Over 250 lines: all states of a group, with a client that reaches them.
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Group } from '../../../libs/dev-servers/src/kafka/groups/group.js';
import type {
  JoinResponse,
  JoinRequest,
  SyncResponse,
} from '../../../libs/dev-servers/src/kafka/groups/member.js';
import type { Peer } from '../../../libs/dev-servers/src/kafka/protocol/api.js';
import { ErrorCode } from '../../../libs/dev-servers/src/kafka/protocol/error-codes.js';

const SESSION_MS = 10_000;
const REBALANCE_MS = 60_000;

let group: Group;
let onEmpty: jest.Mock;

beforeEach(() => {
  jest.useFakeTimers();
  onEmpty = jest.fn();
  group = new Group(0, onEmpty);
});

afterEach(() => {
  jest.useRealTimers();
});

/** A connection with the responses to its last requests; undefined while a request waits. */
class Client {
  private readonly connection = new AbortController();
  readonly peer: Peer = { host: '/test', closed: this.connection.signal, pendingMembers: 0 };
  joined: JoinResponse | undefined;
  synced: SyncResponse | undefined;
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
        requiresKnownMemberId: false,
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
    const byMember = new Map(
      Object.entries(assignments).map(([id, assignment]) => [id, Buffer.from(assignment)]),
    );
    const outcome = group.sync(this.id, this.joined!.generation, byMember, this.peer);
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

/** Brings the group to Stable. The returned client is the leader. */
async function stabilize(...followers: Client[]): Promise<Client> {
  const leader = new Client();
  await leader.join();
  for (const follower of followers) {
    await follower.join();
    await leader.join();
  }
  for (const follower of followers) await follower.sync();
  await leader.sync(Object.fromEntries([leader, ...followers].map(({ id }, i) => [id, `assignment ${i}`])));
  return leader;
}

describe('Group', () => {
  it('gives the members the assignments of the leader', async () => {
    const follower = new Client();
    const leader = await stabilize(follower);
    expect(leader.joined!.members.map(({ id }) => id)).toEqual([leader.id, follower.id]);
    expect(follower.joined).toMatchObject({ generation: 2, leader: leader.id, members: [] });
    expect(String(leader.synced!.assignment)).toBe('assignment 0');
    expect(String(follower.synced!.assignment)).toBe('assignment 1');
    expect(group.state).toBe('Stable');
  });

  it('elects the protocol that all members support and most prefer, and rejects a member that supports none', async () => {
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

  it('removes a member after its session timeout and asks the others to rejoin', async () => {
    const follower = new Client();
    const leader = await stabilize(follower);
    await jest.advanceTimersByTimeAsync(SESSION_MS - 1);
    expect(leader.heartbeat()).toBe(ErrorCode.NONE);
    await jest.advanceTimersByTimeAsync(1);
    expect(leader.heartbeat()).toBe(ErrorCode.REBALANCE_IN_PROGRESS);
    expect(follower.heartbeat()).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
    await leader.join();
    expect(leader.joined).toMatchObject({ generation: 3, members: [{ id: leader.id }] });
  });

  it('waits for a busy member no longer than its rebalance timeout', async () => {
    const busy = new Client();
    const leader = await stabilize(busy);
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

  it('waits no longer than a session timeout for a member whose connection closed during a join', async () => {
    const follower = new Client();
    const leader = await stabilize(follower);
    const ghost = new Client();
    await ghost.join();
    await ghost.disconnect();
    await leader.join();
    await follower.join();
    expect(leader.joined).toBeUndefined();
    await jest.advanceTimersByTimeAsync(SESSION_MS);
    expect(leader.joined!.members.map(({ id }) => id)).toEqual([leader.id, follower.id]);
  });

  it('waits no longer than a session timeout for a member whose connection closed during a sync', async () => {
    const follower = new Client();
    const leader = await stabilize(follower);
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

  it('repeats the response to a member that has lost it', async () => {
    const follower = new Client();
    const leader = await stabilize(follower);
    await follower.join();
    expect(follower.joined).toMatchObject({ error: ErrorCode.NONE, generation: 2 });
    expect(leader.heartbeat()).toBe(ErrorCode.NONE);
    await follower.sync();
    expect(String(follower.synced!.assignment)).toBe('assignment 1');
  });

  it('removes only unsynced members when the leader sends no assignments', async () => {
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

  it('restarts the rebalance when a member joins while assignments are awaited', async () => {
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

  it('allows a commit while members join, but not while assignments are awaited', async () => {
    const leader = await stabilize();
    const { id } = leader;
    await new Client().join();
    expect(group.validateCommit(id, 1)).toBeUndefined();
    await leader.join();
    expect(group.validateCommit(id, 2)).toBe(ErrorCode.REBALANCE_IN_PROGRESS);
    expect(group.validateCommit(id, 1)).toBe(ErrorCode.ILLEGAL_GENERATION);
  });

  it('replaces a static member by its new instance', async () => {
    const before = new Client();
    await before.join({ instanceId: 'pod-0', requiresKnownMemberId: true });
    expect(before.joined!.error).toBe(ErrorCode.NONE);
    await before.sync({ [before.id]: 'all' });
    const after = new Client();
    await after.join({ instanceId: 'pod-0', requiresKnownMemberId: true });
    expect(after.joined).toMatchObject({
      error: ErrorCode.NONE,
      members: [{ id: after.id, instanceId: 'pod-0' }],
    });
    expect(before.heartbeat()).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
    expect(group.leave('', 'pod-0')).toBe(ErrorCode.NONE);
    expect(onEmpty).toHaveBeenCalledTimes(1);
  });
});

describe('Group with pending member ids (KIP-394)', () => {
  it('delays the rebalance until the new member joins or its session timeout passes', async () => {
    const leader = await stabilize();
    const newMember = new Client();
    await newMember.join({ requiresKnownMemberId: true });
    expect(newMember.joined!.error).toBe(ErrorCode.MEMBER_ID_REQUIRED);
    await leader.join();
    expect(leader.joined).toBeUndefined();
    await jest.advanceTimersByTimeAsync(SESSION_MS);
    expect(leader.joined).toMatchObject({ generation: 2, members: [{ id: leader.id }] });
    await newMember.join({ requiresKnownMemberId: true });
    expect(newMember.joined!.error).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
  });

  it('drops a pending id when its connection closes or its member leaves', async () => {
    const leader = await stabilize();
    for (const leave of [(c: Client) => c.disconnect(), async (c: Client) => void group.leave(c.id, null)]) {
      const newMember = new Client();
      await newMember.join({ requiresKnownMemberId: true });
      await leader.join();
      expect(leader.joined).toBeUndefined();
      await leave(newMember);
      await settle();
      expect(leader.joined!.error).toBe(ErrorCode.NONE);
      expect(newMember.peer.pendingMembers).toBe(0);
      await leader.sync();
    }
  });
});

describe('Group without members', () => {
  it('reports that it is empty when its last member leaves and when a join is rejected', async () => {
    const leader = await stabilize();
    expect(onEmpty).not.toHaveBeenCalled();
    group.leave(leader.id, null);
    expect(onEmpty).toHaveBeenCalledTimes(1);
    await leader.join({ memberId: 'stranger' });
    expect(leader.joined!.error).toBe(ErrorCode.UNKNOWN_MEMBER_ID);
    expect(onEmpty).toHaveBeenCalledTimes(2);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('waits for more members during the initial rebalance delay', async () => {
    group = new Group(3_000, onEmpty);
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
