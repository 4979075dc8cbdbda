import { realServers } from '../support/real-servers.js';
import { prepareContainers } from './containers/prepare.js';
import { kafkaClasspath } from './kafka/fetch.js';

/** Once before all tests: what they start later is there, or they do not start. @throws with a line that says what is missing */
export async function prepareServers(): Promise<void> {
  const wanted = realServers();
  if (wanted.has('containers')) await prepareContainers();
  if (wanted.has('kafka')) await kafkaClasspath();
}
