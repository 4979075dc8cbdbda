import { writeDocument } from './generated.js';
import { renderRules, RULES_FILE } from './rules-table.js';

writeDocument(RULES_FILE, renderRules());
