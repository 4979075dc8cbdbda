import { randomUUID } from 'node:crypto';
import type { handleUnaryCall, sendUnaryData } from '@grpc/grpc-js';
import type { Access, Credentials } from '../access/access.js';
import {
  features,
  gossip,
  GossipService,
  ServerFeaturesService,
  shared,
  streams,
  StreamsService,
  UsersService,
} from '../protocol/stubs.js';
import { type ExpectedRevision, WrongExpectedRevisionError } from '../store/check-append.js';
import type { EventStore } from '../store/event-store.js';
import { BadRequestError, toServiceError, withWriteTimeout, wrongExpectedVersion } from './grpc-errors.js';
import { readCredentials, readExpectedRevision, readStreamName } from './request-fields.js';

/** Streams.Delete, which hides a stream until the next append to it. */
export function deleteHandler(
  store: EventStore,
  access: Access,
): handleUnaryCall<streams.DeleteReq, streams.DeleteResp> {
  const softDelete: Removal = (stream, expected) => store.delete(stream, expected);
  return unary(async (request, credentials) => {
    const at = await removeStream('Delete', softDelete, access, credentials, request.getOptions());
    const position = new streams.DeleteResp.Position().setCommitPosition(at).setPreparePosition(at);
    return new streams.DeleteResp().setPosition(position);
  });
}

/** Streams.Tombstone, which deletes a stream for ever. */
export function tombstoneHandler(
  store: EventStore,
  access: Access,
): handleUnaryCall<streams.TombstoneReq, streams.TombstoneResp> {
  const tombstone: Removal = (stream, expected) => store.tombstone(stream, expected);
  return unary(async (request, credentials) => {
    const at = await removeStream('Tombstone', tombstone, access, credentials, request.getOptions());
    const position = new streams.TombstoneResp.Position().setCommitPosition(at).setPreparePosition(at);
    return new streams.TombstoneResp().setPosition(position);
  });
}

/** @returns the position of the event that records the removal */
type Removal = (stream: string, expected: ExpectedRevision) => Promise<number>;

async function removeStream(
  operation: string,
  remove: Removal,
  access: Access,
  credentials: Credentials,
  options: streams.DeleteReq.Options | streams.TombstoneReq.Options | undefined,
): Promise<string> {
  const user = access.authenticate(credentials);
  if (!options) throw new BadRequestError('The request has no options.');
  const expected = readExpectedRevision(options, options.getRevision());
  const stream = readStreamName(options.getStreamIdentifier());
  access.authorize(user, '$d', stream);
  try {
    return String(await withWriteTimeout(remove(stream, expected)));
  } catch (error) {
    throw error instanceof WrongExpectedRevisionError
      ? wrongExpectedVersion(operation, error, expected)
      : error;
  }
}

/** The EventStoreDB release whose behaviour this server follows. */
export const SERVER_VERSION = '23.10.8';

/** ServerFeatures.GetSupportedMethods: clients call only the methods that it lists. */
export function supportedMethodsHandler(
  access: Access,
): handleUnaryCall<shared.Empty, features.SupportedMethods> {
  return unary(async (_request, credentials) => {
    access.authenticate(credentials);
    const methods = [
      ...[StreamsService.append, StreamsService.delete, StreamsService.tombstone].map((method) =>
        supportedMethod(method),
      ),
      supportedMethod(StreamsService.read, ['position', 'events']),
      supportedMethod(StreamsService.batchAppend),
      supportedMethod(GossipService.read),
      ...Object.values(UsersService).map((method) => supportedMethod(method)),
      supportedMethod(ServerFeaturesService.getSupportedMethods),
    ];
    return new features.SupportedMethods().setEventStoreServerVersion(SERVER_VERSION).setMethodsList(methods);
  });
}

/** @param path `/service/method` */
function supportedMethod({ path }: { path: string }, names: string[] = []): features.SupportedMethod {
  const [, service = '', method = ''] = path.toLowerCase().split('/');
  return new features.SupportedMethod().setServiceName(service).setMethodName(method).setFeaturesList(names);
}

const TICKS_PER_MILLISECOND = 10_000n;

/**
 * Gossip.Read: a cluster with one node, the leader.
 * @param port called for each request, because the handler is made before the server listens
 */
export function gossipHandler(
  { host, port }: { host: string; port: () => number },
  access: Access,
): handleUnaryCall<shared.Empty, gossip.ClusterInfo> {
  const instance = new shared.UUID().setString(randomUUID());
  return unary(async (_request, credentials) => {
    access.authenticate(credentials);
    const member = new gossip.MemberInfo()
      .setInstanceId(instance)
      .setTimeStamp(String(BigInt(Date.now()) * TICKS_PER_MILLISECOND))
      .setState(gossip.MemberInfo.VNodeState.LEADER)
      .setIsAlive(true)
      .setHttpEndPoint(new gossip.EndPoint().setAddress(host).setPort(port()));
    return new gossip.ClusterInfo().setMembersList([member]);
  });
}

/** Responds with what `handle` returns, or with the status of the error that it throws. */
export function unary<Request, Response>(
  handle: (request: Request, credentials: Credentials) => Promise<Response>,
): handleUnaryCall<Request, Response> {
  return (call, callback) => void respond(handle(call.request, readCredentials(call)), callback);
}

async function respond<Response>(
  response: Promise<Response>,
  callback: sendUnaryData<Response>,
): Promise<void> {
  try {
    callback(null, await response);
  } catch (error) {
    callback(toServiceError(error));
  }
}
