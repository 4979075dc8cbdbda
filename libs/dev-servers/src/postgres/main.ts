import { serve } from '../process/serve.js';
import { openPostgres } from './open-postgres.js';

await serve(openPostgres);
