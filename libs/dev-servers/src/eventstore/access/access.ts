import { createHash } from 'node:crypto';
import type { PeerCertificate } from 'node:tls';
import { decodeEventData } from '../protocol/recorded-event.js';
import type { EventStore } from '../store/event-store.js';
import type { StoredUser, Users } from './users.js';

/** The caller of a request. */
export interface User {
  /** `undefined` for an anonymous caller. */
  readonly login: string | undefined;
  readonly groups: readonly string[];
}

/** The keys of an access list, `$acl` in a stream's metadata: read, write, delete, read metadata, write metadata. */
export type Action = '$r' | '$w' | '$d' | '$mr' | '$mw';

/** What a caller shows to say who it is. */
export interface Credentials {
  /** The header of the request. It counts more than a certificate. */
  readonly authorization: string | undefined;
  /** The common name in the certificate of the connection, which the listener has verified. */
  readonly certificateName: string | undefined;
}

/** A name that occurs several times is an array, whatever the type says. */
export const commonNameOf = (certificate: PeerCertificate | undefined): string | undefined => {
  const name: unknown = certificate?.subject?.CN;
  return typeof name === 'string' ? name : undefined;
};

/** Authentication and authorization of requests. */
export interface Access {
  /** @throws NotAuthenticatedError */
  authenticate(credentials: Credentials): User;
  /**
   * @param stream its name, or `$all`
   * @throws AccessDeniedError
   */
  authorize(user: User, action: Action, stream: string): void;
  /** @throws AccessDeniedError */
  requireAdmin(user: User): void;
}

export class NotAuthenticatedError extends Error {
  constructor() {
    super('Not Authenticated');
  }
}

export class AccessDeniedError extends Error {
  constructor() {
    super('Access Denied');
  }
}

const SYSTEM: User = { login: 'admin', groups: ['$admins'] };

/** Access as in insecure mode: every caller may do everything, and credentials are ignored. */
export const UNRESTRICTED_ACCESS: Access = {
  authenticate: () => SYSTEM,
  authorize: () => undefined,
  requireAdmin: () => undefined,
};

/** The access list and its key that decide: for a metadata stream these are the ones of its stream. */
function effectiveAction(action: Action, stream: string): { action: Action; stream: string } {
  if (!stream.startsWith('$$')) return { action, stream };
  return { action: action === '$r' ? '$mr' : '$mw', stream: stream.slice(2) };
}

const ADMINS = '$admins';
/** Stands for every user in an access list. */
const EVERYONE = '$all';
const ANONYMOUS: User = { login: undefined, groups: [] };
const MAX_VERIFIED_HEADERS = 1_000;

type AccessList = Partial<Record<Action, unknown>>;

/**
 * Access as in secure mode: by user, and by the access lists in streams' metadata and in `$settings`. By default, anonymous callers
 * have no access, users may do everything with users' streams, and only administrators use system streams and `$all`.
 */
export class UserAccess implements Access {
  readonly #store: EventStore;
  readonly #users: Users;
  readonly #read: (ordinal: number) => Buffer;
  /** Verified headers, by their digest: the user as of the verification, which a new password makes outdated. */
  readonly #verified = new Map<string, StoredUser>();

  constructor(store: EventStore, users: Users) {
    this.#store = store;
    this.#users = users;
    this.#read = store.createReader();
  }

  authenticate({ authorization, certificateName }: Credentials): User {
    if (authorization !== undefined) return this.#authenticateByPassword(authorization);
    return certificateName === undefined ? ANONYMOUS : this.#authenticateByName(certificateName);
  }

  #authenticateByName(login: string): User {
    const user = this.#users.find(login);
    if (user === undefined || user.disabled) throw new NotAuthenticatedError();
    return { login: user.loginName, groups: user.groups };
  }

  #authenticateByPassword(authorization: string): User {
    const [, encoded] = /^Basic +(\S+)$/i.exec(authorization) ?? [];
    const [, login, password] = /^([^:]*):(.*)$/s.exec(Buffer.from(encoded ?? '', 'base64').toString()) ?? [];
    if (login === undefined || password === undefined) throw new NotAuthenticatedError();
    const digest = createHash('sha256').update(authorization).digest('base64');
    const current = this.#users.find(login);
    if (current === undefined) throw new NotAuthenticatedError();
    if (this.#verified.get(digest) !== current) {
      if (!this.#users.verifyPassword(login, password)) throw new NotAuthenticatedError();
      if (this.#verified.size >= MAX_VERIFIED_HEADERS) this.#verified.clear();
      this.#verified.set(digest, current);
    }
    return { login: current.loginName, groups: current.groups };
  }

  authorize(user: User, requested: Action, name: string): void {
    if (user.login === undefined) throw new AccessDeniedError();
    if (user.groups.includes(ADMINS)) return;
    const { action, stream } = effectiveAction(requested, name);
    const allowed = this.#allowedRoles(action, stream);
    if (allowed.includes(EVERYONE) || allowed.includes(user.login)) return;
    if (!user.groups.some((group) => allowed.includes(group))) throw new AccessDeniedError();
  }

  requireAdmin(user: User): void {
    if (!user.groups.includes(ADMINS)) throw new AccessDeniedError();
  }

  #allowedRoles(action: Action, stream: string): readonly string[] {
    const isSystem = stream.startsWith('$');
    const { index, durableCount } = this.#store;
    const streamAcl = (index.metadataOf(stream, durableCount).raw?.['$acl'] ?? {}) as AccessList;
    const defaultAcl = (this.#settings()[isSystem ? '$systemStreamAcl' : '$userStreamAcl'] ??
      {}) as AccessList;
    const roles = streamAcl[action] ?? defaultAcl[action] ?? (isSystem ? ADMINS : EVERYONE);
    return [roles].flat().filter((role) => typeof role === 'string');
  }

  #settings(): Record<string, unknown> {
    const range = this.#store.readableRange('$settings');
    if (!range) return {};
    const ordinal = range.stream.ordinals[range.end - 1]!;
    try {
      const value: unknown = JSON.parse(Buffer.from(decodeEventData(this.#read(ordinal))).toString());
      return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
    } catch {
      return {};
    }
  }
}
