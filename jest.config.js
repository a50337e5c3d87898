/** swc only strips the types; `npm run typecheck` checks them. Worker threads load dist/, so `npm test` builds first. */
export default {
  // Tests start servers, and a machine that is busy takes its time.
  testTimeout: 30_000,
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  // Python packages bring a package.json or two that jest would take for ours.
  modulePathIgnorePatterns: ['<rootDir>/.venv/'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: {
    '^(\\.{1,2}/.*)\\.js$': '$1',
    // k6 is no package: its scripts meet these stand-ins.
    '^k6$': '<rootDir>/test/fixtures/k6/k6.ts',
    '^k6/(http|metrics|data|execution)$': '<rootDir>/test/fixtures/k6/$1.ts',
  },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'es6' } },
    ],
  },
};
