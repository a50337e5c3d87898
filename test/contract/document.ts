import { expect } from '@jest/globals';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';

/* The parts of an OpenAPI document that the tests look at. */
export interface OpenApi {
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: Record<string, Record<string, object>>;
}
export interface Operation {
  readonly requestBody?: { readonly content: Record<string, Content> };
  readonly security?: object[];
  readonly responses: Record<string, Answer>;
}
export interface Answer {
  readonly description: string;
  readonly headers: Record<string, object>;
  readonly content: Record<string, Content>;
}
export interface Content {
  readonly schema: object;
  readonly example?: unknown;
  readonly examples?: Record<string, { readonly value: unknown }>;
}

/** A served document, as a judge of examples and answers. */
export class ServedDocument {
  readonly #ajv = new Ajv2020({ strict: false, allErrors: true });
  readonly #validators = new Map<object, ValidateFunction>();

  constructor(readonly document: OpenApi) {
    this.#ajv.addSchema(document, 'document');
  }

  static async of(url: string): Promise<ServedDocument> {
    return new ServedDocument((await (await fetch(`${url}/openapi.json`)).json()) as OpenApi);
  }

  /** All operations, as `POST /v1/classify`. */
  get operations(): Map<string, Operation> {
    const entries = Object.entries(this.document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(
        ([method, operation]) => [`${method.toUpperCase()} ${path}`, operation] as const,
      ),
    );
    return new Map(entries);
  }

  /** What is wrong with a value under a schema of the document; nothing if it fits. */
  violations(schema: object, value: unknown): unknown[] {
    let validate = this.#validators.get(schema);
    if (validate === undefined) {
      validate = this.#ajv.compile(JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"document#/')));
      this.#validators.set(schema, validate);
    }
    return validate(value) ? [] : (validate.errors ?? []);
  }

  /** Asserts that the document names this answer: status, content type, headers and schema. Returns its body. */
  async expectDocumented(operation: string, response: Response): Promise<unknown> {
    const { status, headers } = response;
    const answer = this.operations.get(operation)?.responses[status];
    expect([operation, status, answer?.description]).toEqual([operation, status, expect.any(String)]);
    const type = headers.get('content-type') ?? 'none';
    expect(Object.keys(answer!.content)).toContain(type);
    for (const name of Object.keys(answer!.headers)) {
      expect([operation, status, name, headers.get(name)]).toEqual([
        operation,
        status,
        name,
        expect.any(String),
      ]);
    }
    const text = await response.text();
    const body: unknown = type.includes('json') ? JSON.parse(text) : text;
    expect(this.violations(answer!.content[type]!.schema, body)).toEqual([]);
    if (type === 'application/problem+json') {
      expect(body).toMatchObject({ status, instance: headers.get('x-request-id') });
    }
    return body;
  }

  /** Asserts that an answer outside the operations is a problem document, as the description promises. */
  async expectProblem(status: number, response: Response): Promise<void> {
    expect([response.status, response.headers.get('content-type')]).toEqual([
      status,
      'application/problem+json',
    ]);
    const schema = { $ref: '#/components/schemas/Problem' };
    expect(this.violations(schema, await response.json())).toEqual([]);
  }
}
