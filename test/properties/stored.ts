import { upcast, type InvitationEvent, type StoredData } from '#libs/invitation';

/** Returns an event as the event store returns it: data that were JSON, in the version in which they were written. */
export interface Stored {
  readonly type: InvitationEvent['type'];
  readonly data: StoredData;
  readonly metadata: { readonly commandId: string; readonly schemaVersion: number };
}

/** Returns the same history as the first version of the service would have stored it. */
export function storedAtVersion1(event: InvitationEvent): Stored {
  const { type, commandId, ...today } = event;
  // Version 1 did not store how an invitation was accepted.
  const { via: _via, ...data } = { via: undefined, ...today };
  return json({
    type,
    data: type === 'InvitationAccepted' ? data : today,
    metadata: { commandId, schemaVersion: 1 },
  });
}

export function read({ type, data, metadata }: Stored): InvitationEvent {
  const today = upcast(type, metadata.schemaVersion, data);
  if (today === undefined) throw new Error(`${type} of version ${metadata.schemaVersion} is not known`);
  return { ...today, type, commandId: metadata.commandId } as unknown as InvitationEvent;
}

export function json<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value)) as Value;
}
