import {
  analyzeRequestSchema,
  analyzeResponseSchema,
  suggestRequestSchema,
  suggestResponseSchema,
} from './messages.js';

const VERSION = 'v1alpha1';

/**
 * The discovery document that Google's client libraries build themselves from: methods, where they are, and what they
 * take and give (https://developers.google.com/discovery/v1/reference/apis).
 * @param origin where clients reach this server, as `https://moderation.example.org`
 */
export function discoveryDocument(origin: string): object {
  const rootUrl = `${origin}/`;
  return {
    kind: 'discovery#restDescription',
    discoveryVersion: 'v1',
    id: `commentanalyzer:${VERSION}`,
    name: 'commentanalyzer',
    canonicalName: 'Comment Analyzer',
    version: VERSION,
    title: 'rutox, as Perspective Comment Analyzer',
    description: 'Scores Russian-language comments.',
    protocol: 'rest',
    rootUrl,
    servicePath: '',
    baseUrl: rootUrl,
    batchPath: 'batch',
    parameters: {
      key: { type: 'string', location: 'query', description: 'API key.' },
      alt: {
        type: 'string',
        location: 'query',
        enum: ['json'],
        default: 'json',
        description: 'Form of the answer.',
      },
      prettyPrint: { type: 'boolean', location: 'query', default: 'true', description: 'Not looked at.' },
    },
    resources: {
      comments: {
        methods: {
          analyze: method('analyze', 'AnalyzeComment', 'Scores a comment.'),
          suggestscore: method(
            'suggestscore',
            'SuggestCommentScore',
            'Suggests a better score of a comment.',
          ),
        },
      },
    },
    schemas: {
      AnalyzeCommentRequest: message('AnalyzeCommentRequest', analyzeRequestSchema),
      AnalyzeCommentResponse: message('AnalyzeCommentResponse', analyzeResponseSchema),
      SuggestCommentScoreRequest: message('SuggestCommentScoreRequest', suggestRequestSchema),
      SuggestCommentScoreResponse: message('SuggestCommentScoreResponse', suggestResponseSchema),
    },
  };
}

function method(name: string, messages: string, description: string): object {
  const path = `${VERSION}/comments:${name}`;
  return {
    id: `commentanalyzer.comments.${name}`,
    path,
    flatPath: path,
    httpMethod: 'POST',
    description,
    parameters: {},
    parameterOrder: [],
    request: { $ref: `${messages}Request` },
    response: { $ref: `${messages}Response` },
  };
}

/** Discovery documents have a dialect of JSON Schema older than ours; clients need no more than the fields. */
function message(id: string, { properties }: { readonly properties: object }): object {
  const fields = Object.keys(properties).map((name) => [name, { type: 'any' }]);
  return { id, type: 'object', properties: Object.fromEntries(fields) as object };
}
