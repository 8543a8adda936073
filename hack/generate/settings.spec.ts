import type { ConfigVariable } from '../../src/modules/config/config.variables.js';
import { withSettings } from './settings.js';

const BEGIN = '<!-- settings:begin, generated from src/modules/config/config.variables.ts -->';
const END = '<!-- settings:end -->';

function rowOf(variable: Partial<ConfigVariable>): string | undefined {
  const whole = { name: 'A', path: 'a', kind: 'text', description: 'About a.', ...variable } satisfies ConfigVariable;
  return withSettings(`${BEGIN}${END}`, [whole]).split('\n')[4];
}

describe('withSettings', () => {
  it('replaces what is between the markers and keeps the rest', () => {
    const page = withSettings(`# Title\n\n${BEGIN}\nold\n${END}\n\nEnd.\n`, []);
    expect(page).toBe(
      `# Title\n\n${BEGIN}\n\n| Variable | Default | Meaning |\n| --- | --- | --- |\n\n${END}\n\nEnd.\n`,
    );
  });

  it.each<[string, Partial<ConfigVariable>, string]>([
    ['a default', { default: '8080' }, '`8080`'],
    ['an empty default', { default: '' }, 'empty'],
    ['no default at all', {}, 'required'],
    ['other variables in its place', { fallback: ['B', 'C'], default: 'd' }, '`B`, then `C`, then `d`'],
    ['no default, which may be left out', { optional: 'no upload' }, 'no upload'],
    ['no default, which another one needs', { needs: 'B' }, 'required with `B`'],
    ['a default, which counts only with another one', { needs: 'B', default: 'c' }, '`c`'],
    ['another source in its place', { fallback: ['B'], otherwise: 'the host name' }, '`B`, then the host name'],
  ])('says of a variable with %s what counts when it is not set', (_title, variable, cell) => {
    expect(rowOf(variable)).toBe(`| \`A\` | ${cell} | About a. |`);
  });

  it('keeps a bar in a description from ending its cell', () => {
    expect(rowOf({ default: 'x', description: 'This | that.' })).toBe('| `A` | `x` | This \\| that. |');
  });

  it('changes nothing the second time', () => {
    const once = withSettings(`${BEGIN}${END}`, []);
    expect(withSettings(once, [])).toBe(once);
  });

  it.each([
    ['begin', END],
    ['end', BEGIN],
  ])('says that the %s marker is missing', (marker, page) => {
    expect(() => withSettings(page, [])).toThrow(`no line "<!-- settings:${marker}`);
  });
});
