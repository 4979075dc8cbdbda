import { getMetadataStorage } from 'class-validator';
import { EMAIL_ADDRESS, EMAIL_SHAPE, INVITATION_ID, MEMBER_ID, UTC_TIMESTAMP, UUID } from '#libs/contracts';
import { docComments } from './doc-comments.js';

/**
 * The part of JSON Schema 2020-12 that the contract needs. It means the same in draft-07, on which AsyncAPI 3.0 builds.
 */
export interface Schema {
  readonly $schema?: string;
  readonly title?: string;
  readonly description?: string;
  /** Schemas of version 3 have one type; those of earlier releases have lists. */
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
}

type Value = string | number | boolean;
type Dto = new () => object;
type Metadata = ReturnType<ReturnType<typeof getMetadataStorage>['getTargetValidationMetadatas']>[number];

/**
 * A pattern in the syntax that ECMAScript, Java, Python and RE2 (Go) share: they differ in lookaheads and in how they write a
 * character by its number, so such a character stands for itself.
 */
const portable = (pattern: string): string =>
  pattern.replaceAll(/\\u([0-9a-f]{4})/g, (_, code: string) =>
    String.fromCodePoint(Number.parseInt(code, 16)),
  );

/** Only this service may use UUIDs of version 8. */
export const COMMAND_ID =
  '^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-79a-fA-F][0-9a-fA-F]{3}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$';

const EMAIL = portable(EMAIL_SHAPE);

/** At least one character that is not stripped (D9). */
const SOMETHING = String.raw`[^\x00-\x09\x0b-\x1f\x7f-\x9f]`;

/** The names of patterns for readers. */
export const KINDS: ReadonlyMap<string, string> = new Map([
  [MEMBER_ID.source, 'member id'],
  [INVITATION_ID.source, 'invitation id'],
  [UUID.source, 'UUID'],
  [COMMAND_ID, 'command id'],
  [EMAIL, 'e-mail address'],
  [UTC_TIMESTAMP.source, 'instant'],
]);

/** The names of enums, for generated types. */
const ENUMS: Readonly<Record<string, string>> = {
  'AcceptInvitationData.via': 'AcceptedVia',
  'InvitationAcceptedData.via': 'AcceptedVia',
  'CommandOutcome.outcome': 'OutcomeStatus',
  'CommandOutcome.code': 'OutcomeCode',
};

const DESCRIPTIONS = docComments();

/**
 * Returns the schema of the values that validation accepts for a class, translating each rule of class-validator. The service also
 * takes null for an absent field, which no schema says, because generators make a type of everything of it.
 * @param reader who reads the value: this service rejects unknown fields; other services must ignore new ones
 */
export function schemaOf(dto: Dto, reader: 'us' | 'us, of facts' | 'others'): Schema {
  const rules = getMetadataStorage().getTargetValidationMetadatas(dto, '', false, false);
  const properties: Record<string, Schema> = {};
  const required: string[] = [];
  for (const field of Object.keys(new dto())) {
    const own = rules.filter(({ propertyName }) => propertyName === field);
    const isOptional = own.some(({ type }) => type === 'conditionalValidation');
    const schema = Object.assign({}, ...own.map(inWords)) as Schema;
    properties[field] = {
      ...(schema.enum === undefined ? {} : { title: enumName(dto, field) }),
      description: descriptionOf(dto, field),
      ...schema,
    };
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
      const pattern = first as RegExp;
      return { type: 'string', pattern: pattern === EMAIL_ADDRESS ? EMAIL : pattern.source };
    }
    case 'maxLength':
      return { maxLength: first };
    case 'isMemberText':
      return first === 0
        ? { type: 'string', maxLength: second }
        : { type: 'string', minLength: first, maxLength: second, pattern: SOMETHING };
    case 'isInstant':
      return { type: 'string', format: 'date-time', pattern: (first as RegExp).source };
    case 'isIn':
      return { type: 'string', enum: first };
    case 'isInt':
      return { type: 'integer' };
    case 'min':
      return { minimum: first };
    case 'isBoolean':
      return { type: 'boolean' };
    case 'isString':
      return { type: 'string' };
    default:
      throw new Error(`the rule ${name} has no words in JSON Schema yet`);
  }
}

/** @throws for an enum without a name */
function enumName(dto: Dto, field: string): string {
  const name = ENUMS[`${dto.name}.${field}`];
  if (name === undefined) throw new Error(`the enum ${dto.name}.${field} has no name`);
  return name;
}

/** @throws for a field without a comment */
function descriptionOf(dto: Dto, field: string): string {
  for (let type = dto as Dto | null; type !== null; type = Object.getPrototypeOf(type) as Dto | null) {
    const text = DESCRIPTIONS.get(`${type.name}.${field}`);
    if (text !== undefined) return text;
  }
  throw new Error(`${dto.name}.${field} has no doc comment`);
}
