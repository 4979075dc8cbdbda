import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Consumes a generator whose source fails while the consumer is busy with the first items. The test environment fails
 * the spec if the generator leaves that rejection unhandled meanwhile.
 * @param open creates the generator under test from a source
 * @param items the items before the failure
 * @returns the received items, and the message of the error that ended the generator
 */
export async function readBusily<Item, Given>(
  open: (source: AsyncGenerator<Item, void, void>) => AsyncIterable<Given>,
  items: readonly Item[],
): Promise<{ given: Given[]; error: string | undefined }> {
  const working = Promise.withResolvers<void>();
  async function* source(): AsyncGenerator<Item, void, void> {
    yield* items;
    await working.promise;
    throw new Error('the source failed');
  }
  const given: Given[] = [];
  try {
    for await (const one of open(source())) {
      given.push(one);
      working.resolve();
      // Many turns of the event loop, in any of which an unhandled rejection would end a process.
      await sleep(10);
    }
    return { given, error: undefined };
  } catch (error) {
    return { given, error: (error as Error).message };
  } finally {
    working.resolve();
  }
}
