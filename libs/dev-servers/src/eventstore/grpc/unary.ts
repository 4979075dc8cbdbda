import type { handleUnaryCall, sendUnaryData } from '@grpc/grpc-js';
import { faultOf } from './faults.js';

/** A handler that answers with what a function returns, or with the fault that it throws. */
export function unary<Request, Response>(
  answer: (request: Request) => Promise<Response>,
): handleUnaryCall<Request, Response> {
  return ({ request }, callback) => void respond(answer(request), callback);
}

async function respond<Response>(
  answering: Promise<Response>,
  callback: sendUnaryData<Response>,
): Promise<void> {
  try {
    callback(null, await answering);
  } catch (error) {
    callback(faultOf(error));
  }
}
