import { TOPICS } from '#libs/contracts';
import { originOf, readTopic, type Kafka } from '#libs/kafka';
import { placeOf, type ReadPlaces } from './published-dead-letters.js';

/** Reads from the dead-letter topic which messages are there. */
export const placesOfDeadLetters =
  (kafka: Kafka, group: string): ReadPlaces =>
  async (since) => {
    const places = new Set<string>();
    const options = { groupPrefix: `${group}.look-back`, ...(since === undefined ? {} : { since }) };
    await readTopic(kafka, TOPICS.deadLetters, options, (letter) => {
      const origin = originOf(letter);
      if (origin !== undefined) places.add(placeOf(origin));
    });
    return places;
  };
