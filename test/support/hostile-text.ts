import fc from 'fast-check';
import { RUNNER_SCHEMA_VERSION } from '../../src/domain/runner-spec.js';

/** What an agent would write in the place of its runner to be believed. */
export const FAKE_TERMINATION = JSON.stringify({
  schemaVersion: RUNNER_SCHEMA_VERSION,
  exitCode: 0,
  artifacts: [],
  message: 'all is well',
});

/** Text that somewhere means something: to templates, shells, Kubernetes, YAML, JSON, terminals, logs and file systems. */
export const FRAGMENTS: readonly string[] = [
  '{{ run.uid }}',
  '{{ parameters.secret }}',
  '{% if true %}',
  '{% raw %}',
  '{%- comment -%}',
  '}}',
  '$(HOME)',
  '$$(HOME)',
  '${PATH}',
  '`id`',
  '; rm -rf /',
  '&& reboot',
  '--help',
  '-',
  '"',
  "'",
  '\\',
  '\\n',
  '\\u0000',
  '\n',
  '\r\n',
  '\t',
  '\u2028',
  '\ufeff',
  '\u202e',
  '\u001b[31m',
  '\b\b\b',
  '😀',
  'é',
  'e\u0301',
  '\n---\nkind: Secret\n',
  ': |\n  - &a *a',
  '# comment',
  '!!js/function',
  '"}],"image":"evil:1"',
  '</script>',
  '%s%n',
  '../../etc/passwd',
  'GIT_SSH_COMMAND=evil',
  '__proto__',
  'constructor',
  FAKE_TERMINATION,
];

/** Any text that the API server stores, most of it made of {@link FRAGMENTS}; `nul` for texts with NUL characters as well. */
export function hostileText({ nul = false } = {}): fc.Arbitrary<string> {
  const pieces = [fc.constantFrom(...FRAGMENTS), fc.string({ unit: 'grapheme', maxLength: 10 })];
  if (nul) pieces.push(fc.constant('\0'));
  return fc
    .array(fc.oneof(...pieces), { maxLength: 12 })
    .map((parts) => parts.join(''))
    .map((text) => (nul ? text : text.replaceAll('\0', '')));
}
