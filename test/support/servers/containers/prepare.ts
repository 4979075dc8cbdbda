import { composed, SERVERS } from './compose.js';
import { containerEngine } from './docker.js';

/**
 * Pulls the images before the first test, because tests have short timeouts. @throws when there is no container engine
 */
export async function prepareContainers(): Promise<void> {
  const engine = await containerEngine();
  const { ImageName } = await import('testcontainers');
  for (const server of SERVERS) {
    const { image, platform } = composed(server);
    const name = ImageName.fromString(image);
    if (await engine.image.exists(name)) continue;
    process.stderr.write(`fetching the image ${image} …\n`);
    await engine.image.pull(name, { force: false, platform });
  }
}
