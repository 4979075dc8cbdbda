import type { handleUnaryCall } from '@grpc/grpc-js';
import { features, GossipService, ServerFeaturesService, StreamsService, type shared } from './stubs.js';

/** The release whose behaviour this server follows. */
const SERVER_VERSION = '23.10.6';

/** ServerFeatures.GetSupportedMethods: clients use no method that is not listed. */
export function supportedMethodsHandler(): handleUnaryCall<shared.Empty, features.SupportedMethods> {
  return (_call, callback) => {
    const methods = [
      ...[StreamsService.append, StreamsService.delete, StreamsService.tombstone].map((method) =>
        supported(method),
      ),
      supported(StreamsService.read, ['position', 'events']),
      supported(StreamsService.batchAppend),
      supported(GossipService.read),
      supported(ServerFeaturesService.getSupportedMethods),
    ];
    callback(
      null,
      new features.SupportedMethods().setEventStoreServerVersion(SERVER_VERSION).setMethodsList(methods),
    );
  };
}

/** @param method with a path of `/service/method` */
function supported({ path }: { path: string }, names: string[] = []): features.SupportedMethod {
  const [, service = '', method = ''] = path.toLowerCase().split('/');
  return new features.SupportedMethod().setServiceName(service).setMethodName(method).setFeaturesList(names);
}
