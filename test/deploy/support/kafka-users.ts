import type { Acl } from '../../support/servers/kafka/acls.js';
import { documentsOf, textOf } from './files.js';

/** A KafkaUser of Strimzi. */
export interface KafkaUser {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly authorization: {
      readonly acls: readonly Acl[];
    };
  };
}

/** For example `Read topic invitations.commands`, or with `*` at the end for a prefix. */
export type Grant = `${string} ${string} ${string}`;

/** The users in the manifests, by name. */
export const readKafkaUsers = (): ReadonlyMap<string, KafkaUser> =>
  new Map(
    (documentsOf(textOf('deploy/kubernetes/users/users.yaml')) as KafkaUser[]).map((user) => [
      user.metadata.name,
      user,
    ]),
  );

export const grantsOf = ({ spec }: KafkaUser): Grant[] =>
  spec.authorization.acls.flatMap(({ resource: { type, name, patternType }, operations }) =>
    operations.map(
      (operation) => `${operation} ${type} ${name}${patternType === 'prefix' ? '*' : ''}` as const,
    ),
  );
