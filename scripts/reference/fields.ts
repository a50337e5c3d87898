/** JSON Schema, as far as the schemas of rutox use it. */
export interface Schema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly oneOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
}

/** A field of a message, in words. */
export interface Field {
  /** What stands before its name: `results[].`, or nothing. */
  readonly parent: string;
  /** Several where neighbours are alike in all but their names. */
  readonly names: readonly string[];
  readonly required: boolean;
  readonly type: string;
  readonly meaning: string;
}

/** Every field of a message, those of objects in it too; the name `*` stands for any. */
export function fieldsOf(schema: Schema, parent = ''): Field[] {
  const { properties = {}, required = [], additionalProperties: others } = schema;
  const fields: Field[] = [];
  for (const [name, property] of Object.entries(properties)) {
    const field = fieldOf(parent, name, property, required.includes(name));
    const below = fieldsBelow(property, parent + name);
    const last = fields.at(-1);
    if (last !== undefined && below.length === 0 && isAlike(last, field)) {
      fields.splice(-1, 1, { ...last, names: [...last.names, name] });
    } else fields.push(field, ...below);
  }
  if (typeof others !== 'object') return fields;
  return [...fields, fieldOf(parent, '*', others, false), ...fieldsBelow(others, `${parent}*`)];
}

function fieldsBelow(schema: Schema, path: string): Field[] {
  const items = [schema, ...(schema.oneOf ?? [])].flatMap((each) => each.items ?? []);
  return [...fieldsOf(schema, `${path}.`), ...items.flatMap((each) => fieldsOf(each, `${path}[].`))];
}

function fieldOf(parent: string, name: string, schema: Schema, required: boolean): Field {
  const { description = schema.items?.description, oneOf = [] } = schema;
  const cases = oneOf.map((each) => each.description && `As ${kindOf(each)}: ${each.description}`);
  const meaning = [description, ...cases].filter(Boolean).join(' ');
  return { parent, names: [name], required, type: typeOf(schema), meaning };
}

function isAlike(a: Field, b: Field): boolean {
  return a.parent === b.parent && a.required === b.required && a.type === b.type && a.meaning === b.meaning;
}

/** `array (1 to 128 items) of string (at most 20480 characters)`. */
function typeOf(schema: Schema): string {
  if (schema.oneOf !== undefined) return schema.oneOf.map(typeOf).join('; or ');
  if (schema.const !== undefined) return code(schema.const);
  if (schema.enum !== undefined) return schema.enum.map(code).join(' or ');
  const types = [schema.type ?? 'anything'].flat();
  const bounds = boundsOf(schema);
  return [
    types.filter((each) => each !== 'null').join(' or '),
    ...(bounds.length === 0 ? [] : [`(${bounds.join(', ')})`]),
    ...(schema.items === undefined ? [] : [`of ${typeOf(schema.items)}`]),
    ...(types.includes('null') ? ['or null'] : []),
  ].join(' ');
}

/** The type without its bounds. */
function kindOf({ type, items }: Schema): string {
  const kind = [type ?? 'anything'].flat().join(' or ');
  return items === undefined ? kind : `${kind} of ${kindOf(items)}`;
}

function boundsOf({ minimum, maximum, minItems, maxItems, maxLength, pattern }: Schema): string[] {
  return [
    ...range(minimum, maximum),
    ...range(minItems, maxItems, 'item'),
    ...range(undefined, maxLength, 'character'),
    ...(pattern === undefined ? [] : [`matches ${code(pattern)}`]),
  ];
}

function range(least?: number, most?: number, unit?: string): string[] {
  const limit = most ?? least;
  if (limit === undefined) return [];
  const end = unit === undefined ? `${limit}` : `${limit} ${unit}${limit === 1 ? '' : 's'}`;
  if (least === undefined) return [`at most ${end}`];
  if (most === undefined) return [`at least ${end}`];
  return [least === most ? end : `${least} to ${end}`];
}

function code(value: unknown): string {
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}
