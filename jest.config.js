/** swc only strips the types; `npm run typecheck` checks them. Worker threads load dist/, so `npm test` builds first. */
export default {
  // Tests start servers, and a machine that is busy takes its time.
  testTimeout: 30_000,
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'es6' } },
    ],
  },
};
