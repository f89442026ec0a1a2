// Sentences for people. Core says them in English; whoever shows them does so in the language of the window.
//
// Core knows no language: recordings, exports and the command line have its English words, and a capture file that was recorded
// elsewhere is read here. So nothing but text crosses the borders; shownSentences.ts finds it again by its template.

declare const mark: unique symbol;

/** Text that `say` made: a place that asks for one takes no other, so that none is forgotten in the bundles. */
export type Sentence = string & { readonly [mark]: true };

/**
 * say`${address} closed the connection.`: plain English text. Its template is a key of media/l10n, with {0}, {1}… for the values and
 * `/core` behind it, which is where VS Code's bundles have a comment; test/unit/sentences.test.ts compares the two.
 */
export function say(parts: TemplateStringsArray, ...values: (string | number | bigint | undefined)[]): Sentence {
  let text = parts[0]!;
  for (let i = 0; i < values.length; i++) text += values[i]! + parts[i + 1]!;
  return text as Sentence;
}

/** Words that are not ours: those of a server, a library, the system. They are shown as they are. */
export function verbatim(text: string): Sentence {
  return text as Sentence;
}

/** @param all phrases, of which there is at least one: "a and b and c" */
export function joinedAnd(all: readonly Sentence[]): Sentence {
  return all.length === 0 ? verbatim('') : all.reduce((before, one) => say`${before} and ${one}`);
}

export function joinedOr(all: readonly Sentence[]): Sentence {
  return all.length === 0 ? verbatim('') : all.reduce((before, one) => say`${before} or ${one}`);
}
