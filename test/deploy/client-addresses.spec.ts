import { describe, expect, it } from '@jest/globals';
import { fastify } from 'fastify';
import { loadConfig } from '#libs/platform';
import { ApiConfig } from '../../apps/api/src/config/api.config.js';
import { toClientKey, createTrustedProxyCheck } from '../../apps/api/src/rate-limits/client-address.js';
import { rendered } from './support/kustomize.js';
import { configMapIn, environmentOf, workloadsOf } from './support/workloads.js';

/** Addresses of an ingress controller's pod in the usual pod networks. */
const CONTROLLERS = [
  '10.244.1.7',
  '172.20.3.4',
  '192.168.90.12',
  '100.64.2.9',
  'fd00:10:244::7',
  '::ffff:10.42.0.5',
];

describe.each(['production', 'development'])('the api behind the Ingress of %s', (overlay) => {
  const manifests = rendered(`deploy/kubernetes/overlays/${overlay}`);
  const api = workloadsOf(manifests).find(({ metadata }) => metadata.name === 'api')!;
  const configMap = configMapIn(manifests);
  const container = api.spec.template.spec.containers[0]!;
  const config = loadConfig(ApiConfig, environmentOf(container, {}, configMap.data!));
  const isTrusted = createTrustedProxyCheck(config.TRUST_PROXY);

  /** Returns the client to which the api counts a request. */
  async function countedTo(peer: string, forwardedFor?: string): Promise<string> {
    const server = fastify({ trustProxy: (address) => isTrusted(address) });
    server.get('/', (request) => toClientKey(request.ip));
    const headers = forwardedFor === undefined ? {} : { 'x-forwarded-for': forwardedFor };
    return (await server.inject({ url: '/', headers, remoteAddress: peer })).payload;
  }

  it.each(CONTROLLERS)(
    'tells two clients apart whose requests come from the controller at %s',
    async (controller) => {
      expect(await countedTo(controller, '198.51.100.1')).toBe('198.51.100.1');
      expect(await countedTo(controller, '198.51.100.2:4711')).toBe('198.51.100.2');
      expect(await countedTo(controller, '2001:db8:1:2::3')).toBe('2001:db8:1:2::/64');
    },
  );

  it('does not trust an address that the client has forged', async () => {
    // The controller appends the address that it sees to the header of the client.
    expect(await countedTo(CONTROLLERS[0]!, '203.0.113.9, 10.0.0.1, 198.51.100.1')).toBe('198.51.100.1');
    // A client that reaches the api without the controller.
    expect(await countedTo('198.51.100.1', '203.0.113.9')).toBe('198.51.100.1');
  });
});
