// Who may import whom: ARCHITECTURE.md, "Import rules". Each rule names the harm it prevents.
const PURE = '\\.(plan|resolve|status|template|manifest|observe|mapper|admission)\\.ts$';
const SPEC = '\\.spec\\.ts$';

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-unresolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'pure-files-decide-only',
      comment: 'A decision that can reach Nest, Node or the network cannot be tested as a table.',
      severity: 'error',
      from: { path: `^src/.*${PURE}`, pathNot: SPEC },
      to: {
        dependencyTypesNot: ['type-only'],
        pathNot: [`^src/api/`, `^src/domain/`, PURE, '^src/modules/.+\\.types\\.ts$', 'reasons?\\.ts$'],
      },
    },
    {
      name: 'api-and-domain-stand-alone',
      severity: 'error',
      from: { path: '^src/(api|domain)/', pathNot: SPEC },
      to: {
        dependencyTypesNot: ['type-only'],
        pathNot: [
          '^src/(api|domain)/',
          'node_modules/(class-validator|class-transformer|liquidjs|re2js|reflect-metadata)/',
          '^(node:)?crypto$',
          'node_modules/@nestjs/swagger/',
        ],
      },
    },
    {
      name: 'client-node-only-in-kubernetes',
      comment: 'Its errors hold headers and bodies; one module funnels them.',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/modules/kubernetes/', '^src/cli/'] },
      to: { path: 'node_modules/@kubernetes/client-node/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'kubernetes-knows-no-reconciler',
      severity: 'error',
      from: { path: '^src/modules/kubernetes/', pathNot: SPEC },
      to: { path: '^src/(modules|runner|cli|main|app\\.module)', pathNot: ['^src/modules/(kubernetes|config)/'] },
    },
    {
      name: 'manager-knows-no-kind',
      severity: 'error',
      from: { path: '^src/modules/manager/', pathNot: SPEC },
      to: {
        path: ['^src/modules/', '^src/api/v1alpha1/'],
        pathNot: ['^src/modules/(manager|kubernetes|config|metrics)/'],
      },
    },
    {
      name: 'features-do-not-call-each-other',
      comment:
        'The Kubernetes API is the bus; the named edges are agent-run to the runtime adapters, and agent to the outages that its runs tell of.',
      severity: 'error',
      from: {
        path: '^src/modules/(agent|agent-run|implementation|source|memory|runtime|ledger|admin)/',
        pathNot: SPEC,
      },
      to: {
        path: '^src/modules/(agent|agent-run|implementation|source|memory|runtime|ledger|admin)/',
        pathNot: [
          '^src/modules/$1/',
          '^src/modules/runtime/(runtime-adapters?|runtime\\.module|.*\\.types)\\.ts$',
          '^src/modules/agent-run/agent-outages\\.ts$',
          '\\.module\\.ts$',
        ],
      },
    },
    {
      name: 'runner-is-a-program-of-its-own',
      severity: 'error',
      from: { path: '^src/runner/', pathNot: SPEC },
      to: { path: ['^src/modules/', 'node_modules/@nestjs/'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'nothing-imports-test',
      severity: 'error',
      from: { path: '^src/', pathNot: SPEC },
      to: { path: '^(test|hack|bench)/' },
    },
    {
      name: 'production-needs-no-dev-dependency',
      severity: 'error',
      from: { path: '^src/', pathNot: SPEC },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
