import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { pino } from 'pino';
import { anAgent, anImplementation, aProvider, aRun, CREATED } from '../../../test/support/builders/objects.js';
import { aJob, aPod, aReport, ended, judged } from '../../../test/support/builders/job.js';
import { operatorDefaults } from '../../../test/support/builders/operator.js';
import { hostileText } from '../../../test/support/hostile-text.js';
import { checkStatusInvariants } from '../../../test/support/status-invariants.js';
import { controllerReference } from '../../api/meta/owner-reference.js';
import { MAX_MESSAGE_BYTES } from '../../api/meta/text.js';
import type { AgentProviderSpec } from '../../api/v1alpha1/agent-provider.types.js';
import { MAX_STRING_BYTES } from '../../domain/size-limits.js';
import { normaliseText } from '../../domain/normalise.js';
import { loggerOptions } from '../config/logger-options.js';
import { jobManifest } from '../runtime/job/job.manifest.js';
import { observeJob } from '../runtime/job/job.observe.js';
import { runStatus } from './agent-run.status.js';
import { eventsBetween } from './events.status.js';
import { resolveExecution } from './execution.resolve.js';
import { frozenManifest, frozenName, readFrozen, type FrozenConfigMap } from './frozen.manifest.js';

const NOW = new Date('2026-01-01T00:10:00Z');

/** A provider that hands everything it can see to its agent, in every way it can. */
const EVERYTHING: Partial<AgentProviderSpec> = {
  argsTemplate: ['{{ parameters.text }}', '--text={{ implementation.text }}', '{{ implementation.source.url }}'],
  envTemplate: { TEXT: '{{ parameters.text }}', SUMMARY: '{{ implementation.summary | strip }}' },
  inputFiles: [
    { path: 'text', content: '{{ parameters.text }}' },
    { path: 'criteria', content: '{% for each in implementation.acceptanceCriteria %}[{{ each }}]{% endfor %}' },
    { path: 'assigned', content: '{% assign text = parameters.text %}{{ text }}{{ implementation.description }}' },
    { path: 'captured', content: '{% capture text %}{{ parameters.text }}{% endcapture %}{{ text }}' },
  ],
};

/** A run whose every free text is the given one. */
function resolveWith(text: string) {
  const run = aRun({ parameters: { text } });
  const references = {
    agent: anAgent(),
    provider: aProvider(EVERYTHING),
    implementation: anImplementation({
      text,
      summary: text,
      description: text,
      acceptanceCriteria: [text, text],
      labels: [text],
      source: { provider: 'custom', externalId: text, url: text },
    }),
    runtime: 'job' as const,
  };
  return { run, resolution: resolveExecution(run, references, operatorDefaults()) };
}

function executionWith(text: string) {
  const { run, resolution } = resolveWith(text);
  if (resolution.kind !== 'ready') throw new Error(resolution.message);
  return { run, execution: resolution.execution };
}

describe('text of a run or an issue', () => {
  it('is the same in arguments, variables, files and what the agent reads, whatever it looks like', () => {
    fc.assert(
      fc.property(hostileText(), (text) => {
        const { runnerSpec, input } = executionWith(text).execution;
        const { args, env } = runnerSpec.command;
        expect(args).toEqual([text, `--text=${normaliseText(text)}`, text]);
        expect(env).toEqual({ TEXT: text, SUMMARY: text.trim() });
        expect(runnerSpec.inputFiles.map(({ content }) => content)).toEqual([
          text,
          `[${text}][${text}]`,
          text + text,
          text,
        ]);
        expect(input.parameters).toEqual({ text });
        expect(input.implementation).toEqual({
          text: normaliseText(text),
          summary: text,
          description: text,
          acceptanceCriteria: [text, text],
          labels: [text],
          source: { provider: 'custom', externalId: text, url: text },
        });
      }),
    );
  });

  it('comes out of the frozen ConfigMap as it went in, also after the API server had it as JSON', () => {
    fc.assert(
      fc.property(hostileText(), (text) => {
        const { run, execution } = executionWith(text);
        const stored = JSON.parse(JSON.stringify(frozenManifest(run, execution))) as FrozenConfigMap;
        expect(readFrozen(stored)).toEqual(execution);
      }),
    );
  });

  it('is nowhere in the Job: no prompt in argv, and nothing that Kubernetes would expand', () => {
    const jobOf = (text: string): object => {
      const { run, execution } = executionWith(text);
      const { name, namespace = '', uid } = run.metadata;
      const identity = { run: { name, namespace, uid }, attempt: 1 };
      return jobManifest({
        ...identity,
        owner: controllerReference(run),
        execution,
        configMapName: frozenName(run),
      });
    };
    const plain = jobOf('plain');
    fc.assert(fc.property(hostileText(), (text) => expect(jobOf(text)).toEqual(plain)));
  });

  it('with a NUL is not for a process: the run is invalid, where a file or run.json would have had it', () => {
    fc.assert(
      fc.property(hostileText({ nul: true }), (text) => {
        const { resolution } = resolveWith(text);
        if (text.includes('\0')) expect(resolution).toMatchObject({ kind: 'invalid', reason: 'NulCharacter' });
        else expect(resolution.kind).toBe('ready');
      }),
    );
  });

  it('of 128 KiB of emoji is a file, and no argument or variable', () => {
    const emoji = '😀'.repeat((MAX_STRING_BYTES + 1) / 4);
    const given = (provider: Partial<AgentProviderSpec>) =>
      resolveExecution(
        aRun(),
        {
          agent: anAgent(),
          provider: aProvider(provider),
          implementation: anImplementation({ text: emoji }),
          runtime: 'job',
        },
        operatorDefaults(),
      );
    const template = '{{ implementation.text }}';
    const file = given({ inputFiles: [{ path: 'task.md', content: template }] });
    expect(file.kind === 'ready' && file.execution.runnerSpec.inputFiles[0]?.content).toBe(emoji);
    for (const provider of [{ argsTemplate: [template] }, { envTemplate: { TEXT: template } }]) {
      expect(given(provider)).toMatchObject({ kind: 'invalid', reason: 'TooLarge' });
    }
  });
});

describe('text that an agent reports', () => {
  const report = (text: string) =>
    aReport({ exitCode: 1, message: text, outputs: { text }, failureClass: text, usage: { inputTokens: 1 } });
  const observe = (message: string) =>
    observeJob(aJob(judged('Failed')), [aPod('Failed', { containerStatuses: [ended(1, { message })] })]);

  function statusOf(message: string) {
    const observation = observe(message);
    if (observation.state !== 'failed') throw new Error(observation.state);
    const { failureClass } = observation;
    const run = aRun({}, { submittedAt: CREATED });
    const state = { kind: 'failed' as const, failureClass, message: observation.message };
    return { run, status: runStatus(run, state, { observation }, NOW) };
  }

  it('is data of the status, bounded, and decides nothing', () => {
    const verdict = statusOf(report('plain')).status;
    fc.assert(
      fc.property(hostileText(), (text) => {
        const { run, status } = statusOf(report(text));
        expect(() => checkStatusInvariants({ ...run, status })).not.toThrow();
        expect(status).toMatchObject({
          phase: 'Failed',
          reason: verdict.reason,
          failureClass: verdict.failureClass,
          outputs: { text: expect.any(String) },
        });
        expect(Buffer.byteLength(status.message ?? '')).toBeLessThanOrEqual(MAX_MESSAGE_BYTES);
        if (Buffer.byteLength(text) <= MAX_MESSAGE_BYTES) expect(status.outputs).toEqual({ text });
      }),
    );
  });

  it('that is no report at all, or a faked one, leaves the verdict to the container', () => {
    fc.assert(
      fc.property(hostileText(), (text) => {
        expect(observe(text)).toMatchObject({ state: 'failed', failureClass: 'AgentError' });
      }),
    );
  });

  it('is one note of an event and one line of the log', () => {
    const lines: string[] = [];
    const { pinoHttp } = loggerOptions({ log: { level: 'info' } });
    const logger = pino(pinoHttp as object, { write: (line: string) => void lines.push(line) });
    fc.assert(
      fc.property(hostileText(), (text) => {
        const { run, status } = statusOf(report(text));
        const events = eventsBetween(run.status, status);
        expect(events.filter(({ reason }) => reason === 'Failed')).toHaveLength(1);
        for (const { note } of events) expect(Buffer.byteLength(note)).toBeLessThanOrEqual(MAX_MESSAGE_BYTES);
        lines.length = 0;
        logger.info({ status: status.message }, text);
        expect(lines.join('').trimEnd().split('\n')).toHaveLength(1);
        expect(JSON.parse(lines[0] ?? '')).toMatchObject({ msg: text, status: status.message });
      }),
    );
  });
});
