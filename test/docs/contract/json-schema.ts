import { getMetadataStorage } from 'class-validator';
import { EMAIL_ADDRESS, INVITATION_ID, MEMBER_ID, UUID } from '#libs/contracts';
import { docComments } from './doc-comments.js';

/**
 * The part of JSON Schema 2020-12 that the contract needs. It means the same in draft-07, on which AsyncAPI 3.0 builds.
 */
export interface Schema {
  readonly $schema?: string;
  readonly title?: string;
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly const?: Value;
  readonly enum?: readonly Value[];
  readonly pattern?: string;
  readonly format?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly oneOf?: readonly Schema[];
  readonly not?: Schema;
}

type Value = string | number | boolean | null;
type Dto = new () => object;
type Metadata = ReturnType<ReturnType<typeof getMetadataStorage>['getTargetValidationMetadatas']>[number];

/** The names of patterns for readers. */
const KINDS = new Map([
  [MEMBER_ID.source, 'member id'],
  [INVITATION_ID.source, 'invitation id'],
  [UUID.source, 'UUID'],
  [EMAIL_ADDRESS.source, 'e-mail address'],
]);

/** At least one character that is not stripped (D9). */
const SOMETHING = '[^\\u0000-\\u0009\\u000b-\\u001f\\u007f-\\u009f]';

const DESCRIPTIONS = docComments();

/**
 * Returns the schema of the values that validation accepts for a class, translating each rule of class-validator.
 * @param reader who reads the value: this service rejects unknown fields and accepts null for an absent one; other
 * services must ignore new fields, and get no null
 */
export function schemaOf(dto: Dto, reader: 'us' | 'us, of facts' | 'others'): Schema {
  const rules = getMetadataStorage().getTargetValidationMetadatas(dto, '', false, false);
  const properties: Record<string, Schema> = {};
  const required: string[] = [];
  for (const field of Object.keys(new dto())) {
    const own = rules.filter(({ propertyName }) => propertyName === field);
    const isOptional = own.some(({ type }) => type === 'conditionalValidation');
    const schema = {
      description: descriptionOf(dto, field),
      ...Object.assign({}, ...own.map(inWords)),
    } as Schema;
    properties[field] = isOptional && reader !== 'others' ? orNull(schema) : schema;
    if (!isOptional) required.push(field);
  }
  return {
    type: 'object',
    properties,
    required,
    ...(reader === 'us' ? { additionalProperties: false } : {}),
  };
}

/** @throws for a rule that is not translated, because the schema would promise more than the service accepts */
function inWords({ type, name, constraints }: Metadata): Schema {
  if (type === 'conditionalValidation') return {};
  const [first, second] = (constraints ?? []) as [never, never];
  switch (name ?? type) {
    case 'matches': {
      const { source } = first as RegExp;
      const title = KINDS.get(source);
      return { type: 'string', pattern: source, ...(title === undefined ? {} : { title }) };
    }
    case 'maxLength':
      return { maxLength: first };
    case 'isMemberText':
      return first === 0
        ? { type: 'string', title: 'text', maxLength: second }
        : { type: 'string', title: 'text', minLength: first, maxLength: second, pattern: SOMETHING };
    case 'isInstant':
      return { type: 'string', title: 'instant', format: 'date-time', pattern: (first as RegExp).source };
    case 'isIn':
      return { type: 'string', enum: first };
    case 'isInt':
      return { type: 'integer' };
    case 'min':
      return { minimum: first };
    case 'isBoolean':
      return { type: 'boolean' };
    case 'isString':
      return { type: 'string', title: 'text' };
    default:
      throw new Error(`the rule ${name} has no words in JSON Schema yet`);
  }
}

const orNull = (schema: Schema): Schema => ({
  ...schema,
  type: [schema.type as string, 'null'],
  ...(schema.enum === undefined ? {} : { enum: [...schema.enum, null] }),
});

/** @throws for a field without a comment */
function descriptionOf(dto: Dto, field: string): string {
  for (let type = dto as Dto | null; type !== null; type = Object.getPrototypeOf(type) as Dto | null) {
    const text = DESCRIPTIONS.get(`${type.name}.${field}`);
    if (text !== undefined) return text;
  }
  throw new Error(`${dto.name}.${field} has no doc comment`);
}
