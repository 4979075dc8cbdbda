import type { ProposedEvent } from '../store/appender.js';
import { AppendTooLargeError, MissingPropertyError } from './request-errors.js';
import { uuidOf } from './requests.js';
import type { streams } from './stubs.js';

type ProposedMessage = streams.AppendReq.ProposedMessage | streams.BatchAppendReq.ProposedMessage;

/** The size limit does not count events; this does. */
const MAX_EVENTS = 64 * 1024;

/** The events of one append, as they come in. */
export class ProposedEvents {
  readonly events: ProposedEvent[] = [];
  #bytes = 0;

  /** @throws BadRequestError, AppendTooLargeError */
  add(message: ProposedMessage): void {
    const event = proposedEventOf(message);
    // As the real server counts: it keeps names in UTF-16.
    this.#bytes += event.data.length + event.metadata.length + 2 * event.type.length;
    if (this.#bytes > AppendTooLargeError.limit || this.events.length === MAX_EVENTS) {
      throw new AppendTooLargeError();
    }
    this.events.push(event);
  }

  get bytes(): number {
    return this.#bytes;
  }
}

function proposedEventOf(message: ProposedMessage): ProposedEvent {
  const properties = message.getMetadataMap();
  const type = properties.get('type');
  const contentType = properties.get('content-type');
  if (type === undefined) throw new MissingPropertyError('type');
  if (contentType === undefined) throw new MissingPropertyError('content-type');
  return {
    id: uuidOf(message.getId()),
    type,
    isJson: contentType === 'application/json',
    data: message.getData_asU8(),
    metadata: message.getCustomMetadata_asU8(),
  };
}
