/** CloudEvents 1.0 in Kafka's binary mode: the attributes are headers, and the value of the message is the data. */
export interface CloudEventAttributes {
  readonly id: string;
  readonly type: string;
  readonly source: string;
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly subject?: string;
}

/** `ce_source` of every message that this service publishes. */
export const CLOUD_EVENT_SOURCE = '/invitations';

export function cloudEventHeaders({
  id,
  type,
  source,
  time,
  subject,
}: CloudEventAttributes): Record<string, string> {
  return {
    ce_specversion: '1.0',
    ce_id: id,
    ce_type: type,
    ce_source: source,
    ce_time: time,
    ...(subject === undefined ? {} : { ce_subject: subject }),
    'content-type': 'application/json',
  };
}
