import { randomBytes, randomUUID, scryptSync, timingSafeEqual } from 'node:crypto';
import { decodeEventData } from '../protocol/recorded-event.js';
import type { EventStore } from '../store/event-store.js';

export interface StoredUser {
  readonly loginName: string;
  readonly fullName: string;
  readonly groups: readonly string[];
  readonly disabled: boolean;
  readonly password: HashedPassword;
}

/** The real server's default password of its first users. */
const DEFAULT_PASSWORD = 'changeit';
/** The metadata of a user's stream, as the real server writes it. */
const USER_STREAM_METADATA = { $acl: { $w: '$admins', $d: '$admins', $mw: '$admins' } };

export class UserExistsError extends Error {
  constructor(readonly login: string) {
    super('Conflict.');
  }
}

export class UserNotFoundError extends Error {
  constructor(readonly login: string) {
    super(`User '${login}' is not found.`);
  }
}

/** Users are stored as events, as on the real server: the last event of `$user-{login}` holds the present state. */
export class Users {
  readonly #store: EventStore;
  readonly #read: (ordinal: number) => Buffer;
  /** By login: the user that the event of the ordinal describes. */
  readonly #cache = new Map<string, { ordinal: number; user: StoredUser }>();

  constructor(store: EventStore) {
    this.#store = store;
    this.#read = store.createReader();
  }

  find(login: string): StoredUser | undefined {
    const range = this.#store.readableRange(userStream(login));
    if (!range) return undefined;
    const ordinal = range.stream.ordinals[range.end - 1]!;
    const cached = this.#cache.get(login);
    if (cached?.ordinal === ordinal) return cached.user;
    const user = parseUser(JSON.parse(Buffer.from(decodeEventData(this.#read(ordinal))).toString()));
    this.#cache.set(login, { ordinal, user });
    return user;
  }

  /** @returns the user, or undefined when login or password are wrong, or the user is disabled */
  verifyPassword(login: string, password: string): StoredUser | undefined {
    const user = this.find(login);
    return user && !user.disabled && matchesPassword(password, user.password) ? user : undefined;
  }

  /** As on the real server, creating a user again with the same password changes nothing. @throws UserExistsError */
  async create(
    { loginName, fullName, groups }: Pick<StoredUser, 'loginName' | 'fullName' | 'groups'>,
    password: string,
  ): Promise<void> {
    const found = this.find(loginName);
    if (found) {
      if (matchesPassword(password, found.password)) return;
      throw new UserExistsError(loginName);
    }
    const user = { loginName, fullName, groups, disabled: false, ...hashPassword(password) };
    await this.#append(userStream(loginName), '$UserCreated', user);
    await this.#append(`$$${userStream(loginName)}`, '$metadata', USER_STREAM_METADATA);
    await this.#append('$users', '$User', loginName);
  }

  /** @throws UserNotFoundError */
  async resetPassword(login: string, password: string): Promise<void> {
    const { password: _former, ...user } = this.get(login);
    await this.#append(userStream(login), '$PasswordChanged', { ...user, ...hashPassword(password) });
  }

  /** @throws UserNotFoundError */
  async update(
    login: string,
    changes: Partial<Pick<StoredUser, 'fullName' | 'groups' | 'disabled'>>,
  ): Promise<void> {
    const { password, ...user } = this.get(login);
    await this.#append(userStream(login), '$UserUpdated', { ...user, ...changes, ...password });
  }

  /** @throws UserNotFoundError */
  get(login: string): StoredUser {
    const found = this.find(login);
    if (!found) throw new UserNotFoundError(login);
    return found;
  }

  async #append(stream: string, type: string, data: unknown): Promise<void> {
    const bytes = Buffer.from(JSON.stringify(data));
    const event = { id: randomUUID(), type, isJson: true, data: bytes, metadata: new Uint8Array() };
    await this.#store.append(stream, 'any', [event]);
  }
}

/** As on the real server, the first events of `$all` create the default users. */
export async function createDefaultUsers(users: Users): Promise<void> {
  for (const [loginName, fullName] of [
    ['admin', 'Event Store Administrator'],
    ['ops', 'Event Store Operations'],
  ] as const) {
    if (users.find(loginName)) continue;
    await users.create({ loginName, fullName, groups: [`$${loginName}s`] }, DEFAULT_PASSWORD);
  }
}

function userStream(login: string): string {
  return `$user-${login}`;
}

/** Data directories of earlier versions hold users without a password, and keys with capital letters. */
function parseUser(data: unknown): StoredUser {
  const lower = Object.fromEntries(
    Object.entries(data as object).map(([key, value]) => [
      key[0]!.toLowerCase() + key.slice(1),
      value as unknown,
    ]),
  ) as unknown as Omit<StoredUser, 'password'> & Partial<HashedPassword>;
  const { salt, hash, ...user } = lower;
  const password = salt !== undefined && hash !== undefined ? { salt, hash } : hashPassword(DEFAULT_PASSWORD);
  return { ...user, password };
}

/** Cheap, because it protects nothing: the data of a development server is readable in its files. */
const COST = { N: 1024 };
const HASH_BYTES = 32;

interface HashedPassword {
  readonly salt: string;
  readonly hash: string;
}

function hashPassword(password: string, salt = randomBytes(16)): HashedPassword {
  const hash = scryptSync(password, salt, HASH_BYTES, COST);
  return { salt: salt.toString('base64'), hash: hash.toString('base64') };
}

function matchesPassword(password: string, { salt, hash }: HashedPassword): boolean {
  const attempt = hashPassword(password, Buffer.from(salt, 'base64'));
  const [actual, expected] = [Buffer.from(attempt.hash, 'base64'), Buffer.from(hash, 'base64')];
  return actual.length === expected.length && timingSafeEqual(actual, expected);
}
