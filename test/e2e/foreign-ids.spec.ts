import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MemberAtApi } from '../support/member.js';
import { killTree } from '../support/process-tree.js';
import { PublishingService } from '../support/publisher.js';
import { newFolder, removeFolder, startStandalone, type Standalone } from '../support/standalone.js';
import { until } from '../support/until.js';

const PAIRS = 60;

/** D4: who asks for an invitation between two others is to learn nothing, neither by the answer nor by its time. */
describe('an invitation between two others', () => {
  const dir = newFolder();
  let standalone: Standalone;
  let stranger: MemberAtApi;
  let foreign: string;

  beforeAll(async () => {
    standalone = await startStandalone(dir);
    const service = await new PublishingService(standalone.endpoints.kafka).start();
    await service.members('ines', 'rami', 'sami');
    const sendId = randomUUID();
    await until(
      async () =>
        (await service.ask('send', { inviterId: 'ines', recipientId: 'rami' })).outcome === 'accepted',
      20_000,
      'the members directory',
    );
    const sent = await service.ask('send', { inviterId: 'ines', recipientId: 'sami' }, sendId);
    if (sent.outcome !== 'accepted')
      throw new Error(`the invitation between the two was refused: ${sent.code}`);
    foreign = `ines.${sendId}`;
    await service.stop();
    stranger = await MemberAtApi.of(standalone, 'stranger');
  }, 90_000);

  afterAll(() => {
    if (standalone !== undefined) killTree(standalone.pid);
    removeFolder(dir);
  });

  it('answers a stranger like one that does not exist, byte for byte and within noise in time', async () => {
    const ask = async (invitationId: string) => {
      const since = performance.now();
      const response = await stranger.request('POST', `/v1/invitations/${invitationId}/accept`);
      const body = await response.text();
      const headers = [...response.headers].filter(([name]) => !['date', 'x-request-id'].includes(name));
      return { ms: performance.now() - since, seen: { status: response.status, headers, body } };
    };
    const missing = () => `ines.${randomUUID()}`;
    for (let warmUp = 0; warmUp < 10; warmUp += 1) await ask(warmUp % 2 === 0 ? foreign : missing());
    let slower = 0;
    for (let pair = 0; pair < PAIRS; pair += 1) {
      // Who comes first takes turns, so that neither always finds what the other has warmed up.
      const first = pair % 2 === 0 ? await ask(foreign) : await ask(missing());
      const second = pair % 2 === 0 ? await ask(missing()) : await ask(foreign);
      const [ofForeign, ofMissing] = pair % 2 === 0 ? [first, second] : [second, first];
      expect(ofForeign.seen.status).toBe(404);
      expect(ofForeign.seen).toEqual(ofMissing.seen);
      if (ofForeign.ms > ofMissing.ms) slower += 1;
    }
    // Equal times make this a fair coin; 60 throws leave these bounds less than once in a hundred thousand times.
    expect(slower).toBeGreaterThan(PAIRS * 0.2);
    expect(slower).toBeLessThan(PAIRS * 0.8);
  }, 60_000);
});
