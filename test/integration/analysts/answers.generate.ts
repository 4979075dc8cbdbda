import { ANALYSTS_FILE } from '../../docs/events/analysts-catalogue.js';
import { readDocument, writeDocument } from '../../docs/generated.js';
import { printed } from './database.js';
import { answersIn, openSampleDatabase, openSampleEventStore, withAnswers } from './documented-answers.js';

const text = readDocument(ANALYSTS_FILE);
const answers = new Map<string, string>();

const database = await openSampleDatabase();
const store = await openSampleEventStore();
try {
  for (const { language, asked } of answersIn(text)) {
    answers.set(asked, language === 'sql' ? await printed(database, asked) : await store.run(asked));
  }
} finally {
  database.close();
  await store.stop();
}
writeDocument(ANALYSTS_FILE, withAnswers(text, answers));
