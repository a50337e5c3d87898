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
  readonly names: readonly string[];
  readonly required: boolean;
  readonly type: string;
  readonly meaning: string;
}

/** Every field of a message, those of objects in it too: `results[].is_toxic`; `*` stands for any name. Fields alike share an entry. */
export function fieldsOf(schema: Schema, prefix = ''): Field[] {
  const fields: Field[] = [];
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const path = prefix === '' ? name : `${prefix}.${name}`;
    const field = fieldOf(path, property, schema.required?.includes(name) ?? false);
    const below = fieldsBelow(property, path);
    const last = fields.at(-1);
    if (last !== undefined && below.length === 0 && isAlike(last, field)) {
      fields.splice(-1, 1, { ...last, names: [...last.names, path] });
    } else fields.push(field, ...below);
  }
  const others = schema.additionalProperties;
  if (typeof others === 'object') {
    const path = `${prefix === '' ? '' : `${prefix}.`}*`;
    fields.push(fieldOf(path, others, false), ...fieldsBelow(others, path));
  }
  return fields;
}

function fieldsBelow(schema: Schema, path: string): Field[] {
  const items = [schema, ...(schema.oneOf ?? [])].flatMap((each) => each.items ?? []);
  return [...fieldsOf(schema, path), ...items.flatMap((each) => fieldsOf(each, `${path}[]`))];
}

function fieldOf(path: string, schema: Schema, required: boolean): Field {
  const { description = schema.items?.description, oneOf = [] } = schema;
  const meanings = [
    description,
    ...oneOf.map((each) => each.description && `As ${typeOf(each)}: ${each.description}`),
  ];
  return { names: [path], required, type: typeOf(schema), meaning: meanings.filter(Boolean).join(' ') };
}

function isAlike(a: Field, b: Field): boolean {
  return a.required === b.required && a.type === b.type && a.meaning === b.meaning;
}

/** `string, at most 20480 characters`. */
function typeOf(schema: Schema): string {
  if (schema.oneOf !== undefined) return schema.oneOf.map(typeOf).join('; or ');
  if (schema.const !== undefined) return code(schema.const);
  if (schema.enum !== undefined) return schema.enum.map(code).join(' or ');
  if (schema.type === undefined) return 'anything';
  const name = [schema.type].flat().join(' or ');
  return [schema.items === undefined ? name : `${name} of ${typeOf(schema.items)}`, ...boundsOf(schema)].join(
    ', ',
  );
}

function boundsOf({ minimum, maximum, minItems, maxItems, maxLength, pattern }: Schema): string[] {
  return [
    ...range(minimum, maximum, ''),
    ...range(minItems, maxItems, minItems === 1 && maxItems === 1 ? ' item' : ' items'),
    ...range(undefined, maxLength, ' characters'),
    ...(pattern === undefined ? [] : [`matches ${code(pattern)}`]),
  ];
}

function range(least: number | undefined, most: number | undefined, unit: string): string[] {
  if (least === undefined && most === undefined) return [];
  if (least === undefined) return [`at most ${most}${unit}`];
  if (most === undefined) return [`at least ${least}${unit}`];
  return [least === most ? `${least}${unit}` : `${least} to ${most}${unit}`];
}

function code(value: unknown): string {
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}
