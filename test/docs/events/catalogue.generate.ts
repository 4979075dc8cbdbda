import { writeDocument } from '../generated.js';
import { ANALYSTS_FILE, renderAnalystsWithCatalogue } from './analysts-catalogue.js';

writeDocument(ANALYSTS_FILE, renderAnalystsWithCatalogue());
