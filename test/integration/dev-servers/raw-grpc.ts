import { connect, type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2';

/*
 * Calls of EventStoreDB's gRPC service without a gRPC library, for clients that read nothing or send invalid bytes. Errors of
 * connections and calls are ignored: the server may close both.
 */

/** @param url the connection string of the server */
export function openSession(url: string): ClientHttp2Session {
  const session = connect(url.replace('esdb:', 'http:').split('?')[0]!);
  session.on('error', () => undefined);
  return session;
}

/** @param method of the service Streams */
export function startCall(session: ClientHttp2Session, method: string): ClientHttp2Stream {
  const stream = session.request({
    ':method': 'POST',
    ':path': `/event_store.client.streams.Streams/${method}`,
    'content-type': 'application/grpc',
    te: 'trailers',
  });
  stream.on('error', () => undefined);
  return stream;
}

/** A gRPC frame. @param length the length prefix, which may be wrong */
export function frame(message: Uint8Array, length = message.length): Buffer {
  const header = Buffer.alloc(5);
  header.writeUInt32BE(length, 1);
  return Buffer.concat([header, message]);
}
