import { serve } from '../process/serve.js';
import { startBroker } from './broker.js';

await serve(startBroker);
