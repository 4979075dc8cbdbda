import type { Api, Peer } from '../protocol/api.js';
import { ErrorCode } from '../protocol/error-codes.js';
import { MalformedRequestError, NOT_THROTTLED, Reader, Writer } from '../protocol/primitives.js';
import { isLoggedIn, LOGIN_KEYS } from '../sasl/logins.js';

/** Routes a request to its API and frames the response. */
export class Dispatcher {
  private readonly apis: ReadonlyMap<number, Api>;
  private readonly apiVersions: ReturnType<typeof apiVersions>;

  /** @param requiresLogin whether a connection must log in before it sends other requests */
  constructor(
    apis: readonly Api[],
    private readonly requiresLogin = false,
  ) {
    this.apiVersions = apiVersions(apis);
    this.apis = new Map([...apis, this.apiVersions].map((api) => [api.key, api]));
  }

  /**
   * @returns the buffers of the response's frame, none when the client wants no response
   * @throws MalformedRequestError when the bytes are not a request, or name an API or version that is not served
   */
  async dispatch(frame: Buffer, peer: Peer): Promise<Buffer[]> {
    const body = new Reader(frame);
    const key = body.int16();
    const version = body.int16();
    const response = new Writer().int32(body.int32());
    if (this.requiresLogin && !LOGIN_KEYS.has(key) && !isLoggedIn(peer)) {
      throw new MalformedRequestError('a request without a login');
    }
    const api = this.apis.get(key);
    if (!api || version < api.versions[0] || version > api.versions[1]) {
      if (key !== this.apiVersions.key)
        throw new MalformedRequestError(`unknown API ${key} or version ${version}`);
      // A newer client asks with its newest version and expects this error in the oldest format (KIP-511).
      this.apiVersions.list(response, ErrorCode.UNSUPPORTED_VERSION, 0);
      return response.frame();
    }
    const clientId = body.nullableString() ?? '';
    await api.handle({ version, clientId, body, peer }, response);
    return response.isSuppressed ? [] : response.frame();
  }
}

/** Lists `others` and itself with the versions that are served. */
function apiVersions(others: readonly Api[]) {
  const self = {
    key: 18,
    versions: [0, 2] as const,
    handle: ({ version }: { version: number }, response: Writer) => list(response, ErrorCode.NONE, version),
    list,
  };
  function list(response: Writer, error: ErrorCode, version: number): void {
    response.int16(error);
    response.array([...others, self], ({ key, versions: [lowest, highest], advertisedFrom = lowest }: Api) =>
      response.int16(key).int16(advertisedFrom).int16(highest),
    );
    if (version >= 1) response.int32(NOT_THROTTLED);
  }
  return self;
}
