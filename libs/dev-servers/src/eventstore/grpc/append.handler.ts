import type { handleClientStreamingCall } from '@grpc/grpc-js';
import type { ExpectedRevision } from '../store/check-append.js';
import type { Appended, EventStore } from '../store/event-store.js';
import { WrongExpectedRevisionError } from '../store/store-errors.js';
import { faultOf } from './faults.js';
import { ProposedEvents } from './proposed-events.js';
import { BadRequestError, WriteTimeoutError } from './request-errors.js';
import { expectedRevisionOf, streamNameOf } from './requests.js';
import { shared, streams } from './stubs.js';
import { within, WRITE_TIMEOUT_MS } from './timeout.js';

interface Target {
  readonly stream: string;
  readonly expected: ExpectedRevision;
}

/** Streams.Append: options, then one message per event, then the end. */
export function appendHandler(
  store: EventStore,
): handleClientStreamingCall<streams.AppendReq, streams.AppendResp> {
  return (call, callback) => {
    const proposed = new ProposedEvents();
    let target: Target | undefined;
    let isOver = false;
    const fail = (error: unknown) => {
      if (isOver) return;
      isOver = true;
      callback(faultOf(error));
    };
    call.on('data', (request: streams.AppendReq) => {
      if (isOver) return;
      try {
        if (!target) target = targetOf(request);
        else proposed.add(messageOf(request));
      } catch (error) {
        fail(error);
      }
    });
    call.on('error', fail);
    call.on('cancelled', () => (isOver = true));
    const finish = async () => {
      try {
        if (!target) throw new BadRequestError('The call has no options.');
        const response = await answer(store, target, proposed);
        if (!isOver) callback(null, response);
      } catch (error) {
        fail(error);
      }
    };
    call.on('end', () => {
      if (!isOver) void finish();
    });
  };
}

async function answer(
  store: EventStore,
  target: Target,
  proposed: ProposedEvents,
): Promise<streams.AppendResp> {
  const response = new streams.AppendResp();
  try {
    const append = store.append(target.stream, target.expected, proposed.events);
    const appended = await within(WRITE_TIMEOUT_MS, append, () => new WriteTimeoutError());
    return response.setSuccess(successOf(appended));
  } catch (error) {
    if (!(error instanceof WrongExpectedRevisionError)) throw error;
    return response.setWrongExpectedVersion(conflictOf(error.current, target.expected));
  }
}

function targetOf(request: streams.AppendReq): Target {
  const options = request.getOptions();
  if (!options) throw new BadRequestError('The first message of the call has no options.');
  return {
    stream: streamNameOf(options.getStreamIdentifier()),
    expected: expectedRevisionOf(options, options.getRevision()),
  };
}

function messageOf(request: streams.AppendReq): streams.AppendReq.ProposedMessage {
  const message = request.getProposedMessage();
  if (!message) throw new BadRequestError('A message of the call has no event.');
  return message;
}

function successOf({ revision, position }: Appended): streams.AppendResp.Success {
  const success = new streams.AppendResp.Success().setPosition(
    new streams.AppendResp.Position()
      .setCommitPosition(String(position))
      .setPreparePosition(String(position)),
  );
  return revision < 0
    ? success.setNoStream(new shared.Empty())
    : success.setCurrentRevision(String(revision));
}

function conflictOf(current: number, expected: ExpectedRevision): streams.AppendResp.WrongExpectedVersion {
  const conflict = new streams.AppendResp.WrongExpectedVersion();
  if (current < 0) conflict.setCurrentNoStream(new shared.Empty());
  else conflict.setCurrentRevision(String(current));
  if (expected === 'any') return conflict.setExpectedAny(new shared.Empty());
  if (expected === 'no_stream') return conflict.setExpectedNoStream(new shared.Empty());
  if (expected === 'stream_exists') return conflict.setExpectedStreamExists(new shared.Empty());
  return conflict.setExpectedRevision(String(expected));
}
