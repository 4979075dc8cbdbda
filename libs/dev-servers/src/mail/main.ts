import { serve } from '../process/server-process.js';
import { openMail } from './open-mail.js';

await serve(openMail);
