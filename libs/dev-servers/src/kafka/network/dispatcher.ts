import { apiVersions } from '../apis/api-versions.js';
import type { Api, Peer } from '../protocol/api.js';
import { ErrorCode } from '../protocol/error-codes.js';
import { MalformedRequest, Reader } from '../protocol/reader.js';
import { Writer } from '../protocol/writer.js';

/** Finds the API that a request names, and frames its reply. */
export class Dispatcher {
  private readonly apis: ReadonlyMap<number, Api>;
  private readonly apiVersions: ReturnType<typeof apiVersions>;

  constructor(apis: readonly Api[]) {
    this.apiVersions = apiVersions(apis);
    this.apis = new Map([...apis, this.apiVersions].map((api) => [api.key, api]));
  }

  /**
   * @returns the reply's frame in pieces, none when the client wants no reply
   * @throws MalformedRequest for what is no request, or an API or version that was not offered
   */
  async answer(frame: Buffer, peer: Peer): Promise<Buffer[]> {
    const body = new Reader(frame);
    const key = body.int16();
    const version = body.int16();
    const reply = new Writer().int32(body.int32());
    const api = this.apis.get(key);
    if (!api || version < api.versions[0] || version > api.versions[1]) {
      if (key !== this.apiVersions.key) throw new MalformedRequest(`API ${key}, version ${version}`);
      // A newer client asks with a version of its own and expects this error in the oldest format (KIP-511).
      this.apiVersions.list(reply, ErrorCode.UNSUPPORTED_VERSION, 0);
      return reply.frame();
    }
    const clientId = body.nullableString() ?? '';
    await api.answer({ version, clientId, body, peer }, reply);
    return reply.withheld ? [] : reply.frame();
  }
}
