import { Length } from 'class-validator';
import { AtLeastOneOf, ListSet } from '../schema/decorators.js';
import { BOUNDS } from '../schema/patterns.js';

/** What to implement, wherever it came from. */
@AtLeastOneOf(['text', 'summary', 'description'], 'set text: it is required unless summary or description is set')
export class ImplementationContent {
  /** Requirements in plain text; required unless summary or description is set. */
  @Length(1, BOUNDS.text)
  text?: string;

  /** The intent in a sentence. */
  @Length(1, 1024)
  summary?: string;

  /** Long form, in Markdown. */
  @Length(1, BOUNDS.text)
  description?: string;

  /** What must hold when the work is done. */
  @ListSet(100, { minLength: 1, maxLength: 4096 })
  acceptanceCriteria?: string[];

  /** Labels of the work, free text. */
  @ListSet(50, { minLength: 1, maxLength: 255 })
  labels?: string[];
}
