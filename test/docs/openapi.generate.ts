import { writeDocument } from './generated.js';
import { documentOfApi, OPENAPI_FILE, renderOpenApi } from './openapi-document.js';

writeDocument(OPENAPI_FILE, await renderOpenApi(await documentOfApi()));
