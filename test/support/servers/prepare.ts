import { realServers } from '../real-servers.js';
import { prepareContainers } from './containers/prepare.js';
import { kafkaClasspath } from './kafka/fetch.js';

/**
 * Runs once before all tests, and prepares the servers that they start later. @throws with a line that says what is
 * missing
 */
export async function prepareServers(): Promise<void> {
  const wanted = realServers();
  if (wanted.has('containers')) await prepareContainers();
  if (wanted.has('kafka')) await kafkaClasspath();
}
