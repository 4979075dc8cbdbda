import { describe, expect, it } from '@jest/globals';
import { contractFiles } from './files.js';
import { broken, lastRelease } from './release.js';

const parsed = () => new Map([...contractFiles()].map(([path, text]) => [path, JSON.parse(text) as unknown]));

describe('the contract compared with its last release', () => {
  it('breaks no consumer and no publisher', () => {
    const { files } = lastRelease();
    expect(files.size).toBeGreaterThan(10);
    expect(broken(files, parsed())).toEqual([]);
  });

  interface Document {
    channels: Record<
      string,
      { address: string; bindings: { kafka: { partitions: number } }; messages: object }
    >;
    components: { messages: Record<string, { bindings: { kafka: { key: { description: string } } } }> };
  }

  it.each<[string, (document: Document) => void]>([
    [
      'channel commands: its address has changed',
      ({ channels }) => (channels['commands']!.address = 'elsewhere'),
    ],
    [
      'channel commands: its number of partitions has changed',
      ({ channels }) => (channels['commands']!.bindings.kafka.partitions = 9),
    ],
    ['channel profiles: it was removed', ({ channels }) => delete channels['profiles']],
    [
      'channel commands: invitations.send.v1 was removed',
      ({ channels }) =>
        delete (channels['commands']!.messages as Record<string, unknown>)['invitations.send.v1'],
    ],
    [
      'invitations.sent.v1: its key has changed',
      ({ components }) =>
        (components.messages['invitations.sent.v1']!.bindings.kafka.key.description = 'inviterId'),
    ],
  ])('would report %s', (problem, change) => {
    const now = parsed();
    change(now.get('asyncapi.json') as Document);
    expect(broken(lastRelease().files, now)).toEqual([`asyncapi.json: ${problem}`]);
  });

  it('would report a removed schema, and for each change the field and the reason', () => {
    const now = parsed();
    now.delete('schemas/events/invitations.sent.v1.json');
    (now.get('schemas/commands/invitations.send.v1.json') as { required: string[] }).required.push('message');
    expect(broken(lastRelease().files, now).toSorted()).toEqual([
      'schemas/commands/invitations.send.v1.json: message: it is now required',
      'schemas/events/invitations.sent.v1.json: it was removed',
    ]);
  });
});
