import { request as requestHttp, type IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { describeTlsError, readPemFile } from '#libs/platform';

export interface OutgoingRequest {
  readonly method: 'GET' | 'PUT' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface ReceivedResponse {
  readonly status: number;
  readonly body: string;
}

/**
 * Sends a request to the notification app, on a connection of its own: the file of the authorities is read for each, so that a
 * renewed one needs no restart. Redirections are not followed.
 * @param caFile the authorities that may have signed the certificate of an https URL; by default those that Node trusts
 * @throws with the reason for an operator when there is no response, also ConfigError
 */
export async function sendRequest(
  url: URL,
  { method, headers = {}, body = '' }: OutgoingRequest,
  { caFile, signal }: { readonly caFile: string | undefined; readonly signal: AbortSignal },
): Promise<ReceivedResponse> {
  const options = { method, headers, signal, agent: false } as const;
  const ca = caFile === undefined ? {} : { ca: readPemFile('NOTIFICATION_CA_FILE', caFile, 'CERTIFICATE') };
  const request =
    url.protocol === 'https:' ? requestHttps(url, { ...options, ...ca }) : requestHttp(url, options);
  try {
    request.end(body);
    const [response] = (await once(request, 'response', { signal })) as [IncomingMessage];
    return { status: response.statusCode!, body: await text(response) };
  } catch (error) {
    const files = { prefix: 'NOTIFICATION', caFile };
    const reason = error instanceof Error && describeTlsError(error, files, { address: 'NOTIFICATION_URL' });
    throw reason ? new Error(reason, { cause: error }) : error;
  } finally {
    // An error after the response has nobody else who listens for it.
    request.on('error', () => undefined).destroy();
  }
}
