import { rmSync } from 'node:fs';
import { writeDocument } from '../generated.js';
import { DOCS, generatedFiles } from './files.js';

// Deletes schemas that no longer exist.
rmSync(new URL('contract/schemas', DOCS), { recursive: true, force: true });
for (const [path, text] of generatedFiles()) writeDocument(`docs/${path}`, text);
