import type { handleClientStreamingCall } from '@grpc/grpc-js';
import type { Access } from '../access/access.js';
import { shared, streams } from '../protocol/stubs.js';
import { type ExpectedRevision, WrongExpectedRevisionError } from '../store/check-append.js';
import type { AppendResult, EventStore } from '../store/event-store.js';
import { BadRequestError, toServiceError, withWriteTimeout } from './grpc-errors.js';
import { ProposedEvents, readCredentials, readExpectedRevision, readStreamName } from './request-fields.js';

interface Target {
  readonly stream: string;
  readonly expected: ExpectedRevision;
}

/** Streams.Append: the client sends the options, then one message per event, then half-closes. */
export function appendHandler(
  store: EventStore,
  access: Access,
): handleClientStreamingCall<streams.AppendReq, streams.AppendResp> {
  return (call, callback) => {
    const proposed = new ProposedEvents();
    let target: Target | undefined;
    let isOver = false;
    const fail = (error: unknown) => {
      if (isOver) return;
      isOver = true;
      callback(toServiceError(error));
    };
    call.on('data', (request: streams.AppendReq) => {
      if (isOver) return;
      try {
        if (!target) {
          target = readTarget(request);
          access.authorize(access.authenticate(readCredentials(call)), '$w', target.stream);
        } else proposed.add(readProposedMessage(request));
      } catch (error) {
        fail(error);
      }
    });
    call.on('error', fail);
    call.on('cancelled', () => (isOver = true));
    const finish = async () => {
      try {
        if (!target) throw new BadRequestError('The call has no options.');
        const response = await append(store, target, proposed);
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

async function append(
  store: EventStore,
  { stream, expected }: Target,
  { events }: ProposedEvents,
): Promise<streams.AppendResp> {
  const response = new streams.AppendResp();
  try {
    const result = await withWriteTimeout(store.append(stream, expected, events));
    return response.setSuccess(toSuccess(result));
  } catch (error) {
    if (!(error instanceof WrongExpectedRevisionError)) throw error;
    return response.setWrongExpectedVersion(toWrongExpectedVersion(error.current, expected));
  }
}

function readTarget(request: streams.AppendReq): Target {
  const options = request.getOptions();
  if (!options) throw new BadRequestError('The first message of the call has no options.');
  return {
    stream: readStreamName(options.getStreamIdentifier()),
    expected: readExpectedRevision(options, options.getRevision()),
  };
}

function readProposedMessage(request: streams.AppendReq): streams.AppendReq.ProposedMessage {
  const message = request.getProposedMessage();
  if (!message) throw new BadRequestError('A message of the call has no event.');
  return message;
}

function toSuccess({ revision, position }: AppendResult): streams.AppendResp.Success {
  const success = new streams.AppendResp.Success().setPosition(
    new streams.AppendResp.Position()
      .setCommitPosition(String(position))
      .setPreparePosition(String(position)),
  );
  return revision < 0
    ? success.setNoStream(new shared.Empty())
    : success.setCurrentRevision(String(revision));
}

function toWrongExpectedVersion(
  current: number,
  expected: ExpectedRevision,
): streams.AppendResp.WrongExpectedVersion {
  const conflict = new streams.AppendResp.WrongExpectedVersion();
  if (current < 0) conflict.setCurrentNoStream(new shared.Empty());
  else conflict.setCurrentRevision(String(current));
  if (expected === 'any') return conflict.setExpectedAny(new shared.Empty());
  if (expected === 'no_stream') return conflict.setExpectedNoStream(new shared.Empty());
  if (expected === 'stream_exists') return conflict.setExpectedStreamExists(new shared.Empty());
  return conflict.setExpectedRevision(String(expected));
}
