import { Ajv2020, type ErrorObject, type SchemaObject } from 'ajv/dist/2020.js';
import { RutoxError, type Violation } from '../errors.js';
import { NOT_BLANK } from './schemas.js';

/** Members and array items of a body up to which every violation is listed; beyond, the first one is. */
const MAX_PLACES = 1000;

/**
 * Whether the schemas are any is a question for tests: to ask it at every start, or only to load the schema of
 * schemas, takes longer than to compile them. Shorter code for a check that V8 compiles anyway is not worth its
 * time either.
 */
const OPTIONS = {
  verbose: true,
  validateSchema: false,
  meta: false,
  code: { optimize: false },
  allowUnionTypes: true,
} as const;

/** Only names that look like a field's are repeated to the caller: any other could be a misplaced comment. */
const FIELD_NAME = /^[A-Za-z_][A-Za-z0-9_-]{0,39}$/;

/**
 * Makes a function of a schema that returns the body with its type, or throws `invalid_request` with every
 * violation. No message repeats a value of the body.
 */
export function compile<T>(schema: SchemaObject): (body: unknown) => T {
  const findOne = whenAsked(() => new Ajv2020(OPTIONS).compile<T>(schema));
  // A second one, for listing everything has a price, which a body with a million wrong items must not name.
  const findAll = whenAsked(() => new Ajv2020({ ...OPTIONS, allErrors: true }).compile<T>(schema));

  return (body) => {
    const isValid = findOne();
    if (isValid(body)) return body;
    const check = places(body) <= MAX_PLACES ? findAll() : isValid;
    check(body);
    const violations = (check.errors ?? []).map(toViolation);
    const count = violations.length === 1 ? 'one rule' : `${violations.length} rules`;
    throw new RutoxError('invalid_request', `The body breaks ${count}: see errors.`, { violations });
  };
}

/** To compile all schemas takes a tenth of a start, and who serves one API does not use the others. */
function whenAsked<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}

function places(body: unknown): number {
  if (typeof body !== 'object' || body === null) return 0;
  return Object.values(body).reduce<number>(
    (sum, value) => sum + 1 + (Array.isArray(value) ? value.length : 0),
    0,
  );
}

function toViolation({ keyword, instancePath, params, message, parentSchema }: ErrorObject): Violation {
  switch (keyword) {
    case 'required':
      return { pointer: `${instancePath}/${params['missingProperty']}`, message: 'is required' };
    case 'additionalProperties': {
      const name = String(params['additionalProperty']);
      const known = `the known ones are: ${Object.keys(parentSchema?.['properties'] ?? {}).join(', ')}`;
      return FIELD_NAME.test(name)
        ? { pointer: `${instancePath}/${name}`, message: `is not a known field; ${known}` }
        : { pointer: instancePath, message: `has a field that is not known; ${known}` };
    }
    case 'type':
      return {
        pointer: instancePath,
        message: `must be ${[params['type']].flat().map(article).join(' or ')}`,
      };
    case 'enum':
      return { pointer: instancePath, message: `must be one of: ${params['allowedValues'].join(', ')}` };
    case 'pattern':
      if (params['pattern'] !== NOT_BLANK) break;
      return {
        pointer: instancePath,
        message: 'must contain at least one character that is not white space',
      };
    case 'maxLength':
      return {
        pointer: instancePath,
        message: `must have at most ${params['limit']} characters (Unicode code points)`,
      };
    case 'minItems':
    case 'maxItems': {
      const bound = keyword === 'minItems' ? 'at least' : 'at most';
      const limit = params['limit'] === 1 ? '1 item' : `${params['limit']} items`;
      return { pointer: instancePath, message: `must have ${bound} ${limit}` };
    }
  }
  // The rest of ajv's messages name the rule alone, never the value.
  return { pointer: instancePath, message: message ?? `breaks the rule "${keyword}"` };
}

function article(type: string): string {
  return /^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`;
}
