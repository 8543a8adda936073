import { jobSetting, otherResource, podSetting, resource, workspaceImage, type Line } from './precedence-examples.js';

/** The table of docs/spec/v1alpha1/agentrun.md, "Which value counts": the first that is said. */
export const PRECEDENCE: readonly Line[] = [
  {
    what: 'image of the agent',
    cells: ['run `workload.image`', 'provider `image`', '`JANGAR_DEFAULT_IMAGE`', '`JANGAR_RUNNER_IMAGE`'],
    examples: {
      'the pod’s and the status’': {
        levels: [
          [{ run: { workload: { image: 'run:1' } } }, ['run:1', 'run:1']],
          [{ provider: { image: 'provider:1' } }, ['provider:1', 'provider:1']],
          [{ env: { JANGAR_DEFAULT_IMAGE: 'default:1' } }, ['default:1', 'default:1']],
          [{}, ['runner:1', 'runner:1']],
        ],
        read: ({ image }, resolved) => [image, resolved.image],
      },
    },
  },
  {
    what: 'image of the checkout',
    cells: ['run `workspace.image`', '`JANGAR_CHECKOUT_IMAGE`', '`JANGAR_RUNNER_IMAGE`'],
    examples: {
      'the pod’s': {
        levels: [
          [{ run: workspaceImage('run:1') }, 'run:1'],
          [{ env: { JANGAR_CHECKOUT_IMAGE: 'checkout:1' } }, 'checkout:1'],
          [{}, 'runner:1'],
        ],
        read: ({ checkoutImage }) => checkoutImage,
      },
    },
  },
  {
    what: 'image that brings agent-runner',
    cells: ['`JANGAR_RUNNER_IMAGE`'],
    examples: {
      'whatever else is said': {
        levels: [
          [
            { run: { ...workspaceImage('run:1'), workload: { image: 'run:1' } }, provider: { runner: 'inject' } },
            'runner:1',
          ],
        ],
        read: ({ runnerImage }) => runnerImage,
      },
    },
  },
  {
    what: 'timeout of an attempt',
    cells: ['run `timeoutSeconds`', 'Agent `defaults.timeoutSeconds`', '`JANGAR_RUN_TIMEOUT_SECONDS`', '3600'],
    examples: {
      'the pod’s, the runner’s and the status’': {
        levels: [
          [{ run: { timeoutSeconds: 1 } }, [1, 1, 1]],
          [{ agent: { defaults: { timeoutSeconds: 2 } } }, [2, 2, 2]],
          [{ env: { JANGAR_RUN_TIMEOUT_SECONDS: '3' } }, [3, 3, 3]],
          [{}, [3600, 3600, 3600]],
        ],
        read: ({ timeoutSeconds, runnerSpec }, resolved) => [
          timeoutSeconds,
          runnerSpec.timeoutSeconds,
          resolved.timeoutSeconds,
        ],
      },
    },
  },
  {
    what: 'number of retries',
    cells: ['run `retry.limit`', 'Agent `defaults.retryLimit`', '`JANGAR_RUN_RETRY_LIMIT`', '2'],
    examples: {
      'none at all is a number, too': {
        levels: [
          [{ run: { retry: { limit: 0 } } }, 0],
          [{ agent: { defaults: { retryLimit: 1 } } }, 1],
          [{ env: { JANGAR_RUN_RETRY_LIMIT: '3' } }, 3],
          [{}, 2],
        ],
        read: (_execution, resolved) => resolved.retryLimit,
      },
    },
  },
  {
    what: 'wait before the first retry',
    cells: [
      'run `retry.backoffSeconds`',
      'Agent `defaults.retryBackoffSeconds`',
      '`JANGAR_RUN_RETRY_BACKOFF_SECONDS`',
      '10',
    ],
    examples: {
      seconds: {
        levels: [
          [{ run: { retry: { backoffSeconds: 1 } } }, 1],
          [{ agent: { defaults: { retryBackoffSeconds: 2 } } }, 2],
          [{ env: { JANGAR_RUN_RETRY_BACKOFF_SECONDS: '3' } }, 3],
          [{}, 10],
        ],
        read: (_execution, resolved) => resolved.retryBackoffSeconds,
      },
    },
  },
  {
    what: 'classes that are retried as well',
    cells: ['run `retry.on`', 'none'],
    examples: {
      'as listed': {
        levels: [
          [{ run: { retry: { on: ['Timeout'] } } }, ['Timeout']],
          [{}, []],
        ],
        read: (_execution, resolved) => resolved.retryOn,
      },
    },
  },
  {
    what: 'time that a finished run is kept',
    cells: [
      'run `ttlSecondsAfterFinished`',
      'Agent `defaults.ttlSecondsAfterFinished`',
      '`JANGAR_RUN_TTL_SECONDS`',
      '604800 (7 days)',
    ],
    examples: {
      'no time at all is a time, too': {
        levels: [
          [{ run: { ttlSecondsAfterFinished: 0 } }, 0],
          [{ agent: { defaults: { ttlSecondsAfterFinished: 1 } } }, 1],
          [{ env: { JANGAR_RUN_TTL_SECONDS: '2' } }, 2],
          [{}, 604_800],
        ],
        read: (_execution, resolved) => resolved.ttlSecondsAfterFinished,
      },
    },
  },
  {
    what: 'Memory',
    cells: ['run `memoryRef`', 'Agent `memoryRef`', '[of the namespace](memory.md#which-memory-a-run-gets)', 'none'],
    examples: {
      'run.json’s and the status’': {
        levels: [
          [{ run: { memoryRef: { name: 'of-run' } }, memories: { 'of-run': {} } }, ['of-run', 'of-run']],
          [{ agent: { memoryRef: { name: 'of-agent' } }, memories: { 'of-agent': {} } }, ['of-agent', 'of-agent']],
          [{ memories: { shared: { default: true } } }, ['shared', 'shared']],
          [{}, [undefined, undefined]],
        ],
        read: ({ input }, resolved) => [input.memory?.name, resolved.memory],
      },
    },
  },
  {
    what: 'request of CPU, memory or ephemeral storage',
    cells: [
      'run `workload.resources.requests`',
      'run `workload.resources.cpu`, …',
      'Agent `resources.requests`',
      'Agent `resources.cpu`, …',
    ],
    examples: {
      cpu: resource('requests', 'cpu', 'cpu'),
      memory: resource('requests', 'memory', 'memory'),
      'ephemeral storage': resource('requests', 'ephemeral-storage', 'ephemeralStorage'),
    },
  },
  {
    what: 'limit of memory or ephemeral storage',
    cells: [
      'run `workload.resources.limits`',
      'run `workload.resources.memory`, …',
      'Agent `resources.limits`',
      'Agent `resources.memory`, …',
    ],
    examples: {
      memory: resource('limits', 'memory', 'memory'),
      'ephemeral storage': resource('limits', 'ephemeral-storage', 'ephemeralStorage'),
    },
  },
  {
    what: 'any other request or limit',
    cells: ['run `workload.resources`', 'Agent `resources`', 'none'],
    examples: {
      'limit of CPU': otherResource('limits', 'cpu'),
      'limit of a device': otherResource('limits', 'example.com/gpu'),
      'request of a device': otherResource('requests', 'example.com/gpu'),
    },
  },
  {
    what: 'setting of the Job',
    cells: ['run `runtimeOverrides.job`', 'Agent `runtime.job`', 'none'],
    examples: {
      ...jobSetting('nodeSelector', { pool: 'run' }, { pool: 'agent' }, {}),
      ...jobSetting('tolerations', [{ key: 'run' }], [{ key: 'agent' }], []),
      ...jobSetting('runtimeClassName', 'run', 'agent'),
      ...jobSetting('priorityClassName', 'run', 'agent'),
      ...jobSetting('labels', { team: 'run' }, { team: 'agent' }, {}),
      ...jobSetting('annotations', { note: 'run' }, { note: 'agent' }, {}),
    },
  },
  {
    what: 'setting of the pod',
    cells: ['Agent `pod`', 'its default'],
    examples: {
      ...podSetting('runAsUser', 1000, 65_532),
      ...podSetting('fsGroup', 1000, 65_532),
      ...podSetting('readOnlyRootFilesystem', true, false),
      ...podSetting('terminationGracePeriodSeconds', 0, 30),
      ...podSetting('startDeadlineSeconds', 0, 600),
    },
  },
  {
    what: 'service account of the pod',
    cells: ['run `workload.serviceAccountName`', 'none'],
    examples: {
      'and with it a token': {
        levels: [
          [{ run: { workload: { serviceAccountName: 'builder' } } }, 'builder'],
          [{}, undefined],
        ],
        read: ({ pod }) => pod.serviceAccountName,
      },
    },
  },
  {
    what: 'variable of the environment',
    cells: ['run `secrets[].keys`', 'Agent `env`', 'provider `secretEnv`', 'provider `envTemplate`'],
    examples: {
      'text or a Secret’s key': {
        levels: [
          [{ run: { secrets: [{ name: 's', keys: [{ key: 'of-run', env: 'LEVEL' }] }] } }, ['of-run']],
          [{ agent: { env: [{ name: 'LEVEL', value: 'agent' }] } }, ['agent']],
          [
            { provider: { secretEnv: [{ name: 'LEVEL', secretRef: { name: 's', key: 'of-provider' } }] } },
            ['of-provider'],
          ],
          [{ provider: { envTemplate: { LEVEL: 'template' } } }, ['template']],
        ],
        // Wherever a variable stands, it stands there once.
        read: ({ env, runnerSpec }) => [
          ...Object.values(runnerSpec.command.env),
          ...env.map((entry) => ('secret' in entry ? entry.secret.key : entry.configMap.key)),
        ],
      },
    },
  },
];
