import { serve } from '../process/server-process.js';
import { openPostgres } from './open-postgres.js';

await serve(openPostgres);
