import { Ajv, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import type { OpenAPIObject } from '@nestjs/swagger';

interface Answer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly payload: string;
}

type Responses = Record<string, { content?: Record<string, { schema: object }> }>;

/** Checks every response against the OpenAPI document. */
export class OpenApiContract {
  private readonly ajv = new Ajv({ strict: false, allErrors: true });
  private readonly paths: { pattern: RegExp; path: string }[];
  private readonly validators = new Map<string, ValidateFunction>();

  constructor(private readonly document: OpenAPIObject) {
    addFormats.default(this.ajv);
    // Stricter than the document, which allows later versions to add fields: today, an undocumented field is a leak.
    for (const [name, schema] of Object.entries(document.components?.schemas ?? {})) {
      const closed = 'properties' in schema ? { ...schema, additionalProperties: false } : schema;
      this.ajv.addSchema(closed, `#/components/schemas/${name}`);
    }
    this.paths = Object.keys(document.paths).map((path) => ({
      path,
      pattern: new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`),
    }));
  }

  /** @throws for a response that the document does not describe; a URL that is not an operation may get any response */
  check(method: string, url: string, answer: Answer): void {
    const address = url.split('?')[0]!;
    const path = this.paths.find(({ pattern }) => pattern.test(address))?.path;
    const verb = method.toLowerCase() as 'get';
    const operation = path === undefined ? undefined : this.document.paths[path]?.[verb];
    if (operation === undefined || isBroken(address)) return;
    const where = `${method} ${path} ${answer.statusCode}`;
    const response = (operation.responses as Responses)[String(answer.statusCode)];
    if (response === undefined) throw new Error(`${where} is not in the OpenAPI document`);
    if (typeof answer.headers['x-request-id'] !== 'string') throw new Error(`${where} has no X-Request-Id`);
    const type = String(answer.headers['content-type']).split(';')[0]!;
    const schema = response.content?.[type]?.schema;
    if (schema === undefined) throw new Error(`${where} is ${type}, which is not in the OpenAPI document`);
    if (!type.endsWith('json')) return;
    const valid = this.validatorOf(where, schema);
    if (!valid(JSON.parse(answer.payload))) {
      throw new Error(`${where} is not as documented: ${this.ajv.errorsText(valid.errors)}`);
    }
  }

  private validatorOf(where: string, schema: object): ValidateFunction {
    const known = this.validators.get(where);
    if (known !== undefined) return known;
    const validator = this.ajv.compile(schema);
    this.validators.set(where, validator);
    return validator;
  }
}

/** Escapes that do not decode to text: such a URL is not an operation. */
function isBroken(address: string): boolean {
  try {
    decodeURIComponent(address);
    return false;
  } catch {
    return true;
  }
}
