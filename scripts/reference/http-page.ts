import { fieldsOf, type Schema } from './fields.js';
import { anchor, table } from './markdown.js';

type Content = Readonly<Record<string, { readonly schema: Schema & { readonly $ref?: string } }>>;

interface Answer {
  readonly description: string;
  readonly headers?: object;
  readonly content?: Content;
}

interface Operation {
  readonly tags: readonly string[];
  readonly summary: string;
  readonly security?: readonly object[];
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, Answer>>;
}

/** The OpenAPI document, as far as this page tells it. */
export interface OpenApi {
  readonly info: { readonly description: string };
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

/** docs/reference/http.md: every operation and every message of the OpenAPI document. */
export function httpPage({ info, tags, paths, components }: OpenApi, note: string): string {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method, path, operation })),
  );
  const groups = tags.map(({ name, description }) => {
    const own = operations.filter(({ operation }) => operation.tags.includes(name));
    return [`## ${name}`, description, ...own.map(operationText)].join('\n\n');
  });
  const messages = Object.entries(components.schemas).map(messageText);
  return ['# HTTP', note, info.description, ...groups, '## Messages', ...messages].join('\n\n');
}

function operationText(each: { method: string; path: string; operation: Operation }): string {
  const { method, path, operation } = each;
  const { summary, security = [], parameters = [], requestBody, responses } = operation;
  const facts = [
    `${summary}.`.replace('?.', '?'),
    ...(parameters.length === 0
      ? []
      : [`In the path: ${parameters.map(({ name }) => `\`${name}\``).join(', ')}.`]),
    ...(requestBody === undefined ? [] : [`Body: ${contentText(requestBody.content)}.`]),
    ...(security.length === 0 ? [] : ['An API key is asked for where the server has a file of them.']),
  ];
  const answers = Object.entries(responses).map(([status, { description, headers = {}, content = {} }]) => [
    status,
    description,
    contentText(content),
    Object.keys(headers)
      .map((name) => `\`${name}\``)
      .join(', '),
  ]);
  return [
    `### \`${method.toUpperCase()} ${path}\``,
    facts.join(' '),
    table(['status', 'when', 'body', 'headers'], answers),
  ].join('\n\n');
}

function contentText(content: Content): string {
  return Object.entries(content)
    .map(([type, { schema }]) => {
      const name = schema.$ref?.split('/').at(-1);
      const [mediaType] = type.split(';');
      return name === undefined ? `\`${mediaType}\`` : `[${name}](#${anchor(name)}) as \`${mediaType}\``;
    })
    .join(' or ');
}

function messageText([name, schema]: [string, Schema]): string {
  const fields = fieldsOf(schema);
  const rows = fields.map(({ parent, names, required, type, meaning }) => [
    names.length === 1 ? `\`${parent}${names[0]}\`` : `\`${parent}{${names.join(', ')}}\``,
    required ? 'yes' : '',
    type,
    meaning,
  ]);
  const isClosed = schema.additionalProperties === false;
  return [
    `### ${name}`,
    ...(schema.description === undefined ? [] : [schema.description]),
    ...(isClosed ? [] : ['May hold other fields, too.']),
    ...(rows.length === 0 ? [] : [table(['field', 'always', 'type', 'meaning'], rows)]),
  ].join('\n\n');
}
