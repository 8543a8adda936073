// Each project is one cost class (ARCHITECTURE.md, "Tests"): `unit` preloads nothing, `nest` may boot Nest,
// `integration` talks to a real API server, `chaos` to servers of its own that it kills, `e2e` to a real cluster;
// `fields` reads the results of the others.
const esm = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2024',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
        },
        module: { type: 'es6' },
      },
    ],
  },
  clearMocks: true,
};

// Without it, CommonJS plugins of Nest fail with a require cycle under --experimental-vm-modules.
const nest = { ...esm, setupFiles: ['<rootDir>/test/support/nest.setup.ts'] };

export default {
  coverageProvider: 'v8',
  projects: [
    {
      ...esm,
      displayName: 'unit',
      testMatch: ['<rootDir>/{src,apps,hack,bench,test/support}/**/*.spec.ts'],
      testPathIgnorePatterns: ['/node_modules/', '\\.nest\\.spec\\.ts$'],
    },
    { ...nest, displayName: 'nest', testMatch: ['<rootDir>/src/**/*.nest.spec.ts'] },
    {
      ...nest,
      displayName: 'integration',
      setupFilesAfterEnv: ['<rootDir>/test/support/server.setup.ts'],
      globalSetup: '<rootDir>/test/support/api-server.setup.js',
      globalTeardown: '<rootDir>/test/support/api-server.teardown.js',
      testMatch: [
        '<rootDir>/test/integration/**/*.spec.ts',
        '<rootDir>/test/crd/**/*.spec.ts',
        '<rootDir>/test/chart/**/*.spec.ts',
      ],
    },
    {
      ...esm,
      displayName: 'chaos',
      setupFilesAfterEnv: ['<rootDir>/test/support/server.setup.ts'],
      testMatch: ['<rootDir>/test/chaos/**/*.spec.ts'],
    },
    { ...nest, displayName: 'e2e', testMatch: ['<rootDir>/test/e2e/**/*.spec.ts'] },
    { ...esm, displayName: 'fields', testMatch: ['<rootDir>/test/fields/**/*.spec.ts'] },
  ],
};
