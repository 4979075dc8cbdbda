import { setFlagsFromString } from 'node:v8';
import { serve } from '../process/server-process.js';
import { openEventStore } from './open-event-store.js';

// Filters bring regular expressions: one that backtracks without end is matched in linear time instead.
setFlagsFromString('--enable-experimental-regexp-engine-on-excessive-backtracks');

await serve(openEventStore);
