import type { RecordedEvent } from '#libs/event-store';

/** A recorded event as it waits in the table: JSON has no binary data, dates or large integers. */
export interface ParkedEvent extends Omit<RecordedEvent, 'revision' | 'created' | 'position'> {
  readonly revision: string;
  readonly created: string;
  readonly position: { readonly commit: string; readonly prepare: string };
}

export function toParked({
  revision,
  created,
  position,
  data,
  metadata,
  ...rest
}: RecordedEvent): ParkedEvent {
  return {
    ...rest,
    data: readable(data),
    metadata: readable(metadata),
    revision: revision.toString(),
    created: created.toISOString(),
    position: { commit: position.commit.toString(), prepare: position.prepare.toString() },
  };
}

export function fromParked({ revision, created, position, ...rest }: ParkedEvent): RecordedEvent {
  return {
    ...rest,
    revision: BigInt(revision),
    created: new Date(created),
    position: { commit: BigInt(position.commit), prepare: BigInt(position.prepare) },
  };
}

/** What is no JSON was written by none of ours, and no version will read it: it is kept to be looked at. */
const readable = (part: unknown) =>
  part instanceof Uint8Array ? `base64:${Buffer.from(part).toString('base64')}` : part;
