import { serve } from '../process/server-process.js';
import { openKafka } from './open-kafka.js';

await serve(openKafka);
