import { serve } from '../process/serve.js';
import { openMail } from './open-mail.js';

await serve(openMail);
