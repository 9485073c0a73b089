/**
 * Finds characters that a name must not contain, because they are invisible or change how other text is shown. The fault
 * names the character by code point and Unicode name.
 */

const outOfLine = /[\p{Cc}\p{Cs}\u2028\u2029]/u
const outOfText = /[\p{Cs}\u202A-\u202E\u2066-\u2069]|[^\P{Cc}\n\t]/u
// In addition to what Unicode calls ignorable: the blank braille pattern, and interlinear annotations.
const unseen = /[\p{Default_Ignorable_Code_Point}\p{Bidi_Control}\u2800\uFFF9-\uFFFB]/u
const joiner = /[\u200C\u200D]/

/** Scripts in which a joiner between two letters changes how a word is read. */
const joining =
  /[\p{scx=Arab}\p{scx=Syrc}\p{scx=Mong}\p{scx=Nkoo}\p{scx=Mand}\p{scx=Deva}\p{scx=Beng}\p{scx=Guru}\p{scx=Gujr}\p{scx=Orya}\p{scx=Taml}\p{scx=Telu}\p{scx=Knda}\p{scx=Mlym}\p{scx=Sinh}\p{scx=Khmr}\p{scx=Mymr}]/u
const letter = /[\p{L}\p{M}]/u
/** After these a joiner may also end a word, as in the older spelling of Malayalam. */
const virama = /[\u094D\u09CD\u0A4D\u0ACD\u0B4D\u0BCD\u0C4D\u0CCD\u0D4D\u0DCA]/
const pictograph = /[\p{Extended_Pictographic}\p{Emoji_Modifier}\uFE0F]/u

/** Returns the fault of one line of text, or undefined. */
export function faultInLine(text: string): string | undefined {
  const characters = [...text]
  for (const [at, character] of characters.entries()) {
    if (outOfLine.test(character)) return `contains ${nameOf(character)}; it must be one line`
    if (unseen.test(character) && !isNeeded(character, characters[at - 1] ?? '', characters[at + 1] ?? ''))
      return `contains ${nameOf(character)}, which is invisible; remove it`
  }
  return undefined
}

/** Returns the fault of a line in which invisible characters are harmless, or undefined. */
export function controlFault(text: string): string | undefined {
  const character = outOfLine.exec(text)?.[0]
  return character === undefined ? undefined : `contains ${nameOf(character)}; it must be one line`
}

/** Returns the fault of a text of several lines: a control character or a change of direction. */
export function faultInText(text: string): string | undefined {
  const character = outOfText.exec(text)?.[0]
  return character === undefined ? undefined : `contains ${nameOf(character)}; remove it`
}

/** Whether a script or an emoji needs this invisible character in this place. */
function isNeeded(character: string, before: string, after: string): boolean {
  if (joiner.test(character)) {
    if (virama.test(before)) return true
    if (isJoining(before) && isJoining(after)) return true
    return character === '\u200D' && pictograph.test(before) && /\p{Extended_Pictographic}/u.test(after)
  }
  if (/[\uFE0E\uFE0F]/.test(character)) return /\p{Extended_Pictographic}/u.test(before) || after === '\u20E3'
  if (/[\uFE00-\uFE02\u{E0100}-\u{E01EF}]/u.test(character)) return /\p{Unified_Ideograph}/u.test(before)
  return /[\u180B-\u180F]/.test(character) && /\p{Script=Mongolian}/u.test(before)
}

const isJoining = (character: string): boolean => letter.test(character) && joining.test(character)

/** Returns for example `U+200B ZERO WIDTH SPACE`, or only the code point if its name is not listed below. */
export function nameOf(character: string): string {
  const code = character.codePointAt(0) ?? 0
  const hex = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`
  const name = names.get(code) ?? rangeName(code)
  return name === undefined ? hex : `${hex} ${name}`
}

function rangeName(code: number): string | undefined {
  if (code >= 0xd800 && code <= 0xdfff) return 'LONE SURROGATE'
  if (code >= 0xfe00 && code <= 0xfe0f) return `VARIATION SELECTOR-${code - 0xfdff}`
  if (code >= 0xe0100 && code <= 0xe01ef) return `VARIATION SELECTOR-${code - 0xe00ef}`
  if (code >= 0xe0021 && code <= 0xe007e) return `TAG ${String.fromCharCode(code - 0xe0000)}`
  return undefined
}

const names: ReadonlyMap<number, string> = new Map([
  [0x00, 'NULL'],
  [0x08, 'BACKSPACE'],
  [0x09, 'CHARACTER TABULATION'],
  [0x0a, 'LINE FEED'],
  [0x0b, 'LINE TABULATION'],
  [0x0c, 'FORM FEED'],
  [0x0d, 'CARRIAGE RETURN'],
  [0x1b, 'ESCAPE'],
  [0x7f, 'DELETE'],
  [0x85, 'NEXT LINE'],
  [0xad, 'SOFT HYPHEN'],
  [0x34f, 'COMBINING GRAPHEME JOINER'],
  [0x61c, 'ARABIC LETTER MARK'],
  [0x115f, 'HANGUL CHOSEONG FILLER'],
  [0x1160, 'HANGUL JUNGSEONG FILLER'],
  [0x17b4, 'KHMER VOWEL INHERENT AQ'],
  [0x17b5, 'KHMER VOWEL INHERENT AA'],
  [0x180b, 'MONGOLIAN FREE VARIATION SELECTOR ONE'],
  [0x180c, 'MONGOLIAN FREE VARIATION SELECTOR TWO'],
  [0x180d, 'MONGOLIAN FREE VARIATION SELECTOR THREE'],
  [0x180e, 'MONGOLIAN VOWEL SEPARATOR'],
  [0x180f, 'MONGOLIAN FREE VARIATION SELECTOR FOUR'],
  [0x200b, 'ZERO WIDTH SPACE'],
  [0x200c, 'ZERO WIDTH NON-JOINER'],
  [0x200d, 'ZERO WIDTH JOINER'],
  [0x200e, 'LEFT-TO-RIGHT MARK'],
  [0x200f, 'RIGHT-TO-LEFT MARK'],
  [0x2028, 'LINE SEPARATOR'],
  [0x2029, 'PARAGRAPH SEPARATOR'],
  [0x202a, 'LEFT-TO-RIGHT EMBEDDING'],
  [0x202b, 'RIGHT-TO-LEFT EMBEDDING'],
  [0x202c, 'POP DIRECTIONAL FORMATTING'],
  [0x202d, 'LEFT-TO-RIGHT OVERRIDE'],
  [0x202e, 'RIGHT-TO-LEFT OVERRIDE'],
  [0x2060, 'WORD JOINER'],
  [0x2061, 'FUNCTION APPLICATION'],
  [0x2062, 'INVISIBLE TIMES'],
  [0x2063, 'INVISIBLE SEPARATOR'],
  [0x2064, 'INVISIBLE PLUS'],
  [0x2066, 'LEFT-TO-RIGHT ISOLATE'],
  [0x2067, 'RIGHT-TO-LEFT ISOLATE'],
  [0x2068, 'FIRST STRONG ISOLATE'],
  [0x2069, 'POP DIRECTIONAL ISOLATE'],
  [0x2800, 'BRAILLE PATTERN BLANK'],
  [0x3164, 'HANGUL FILLER'],
  [0xfeff, 'ZERO WIDTH NO-BREAK SPACE'],
  [0xffa0, 'HALFWIDTH HANGUL FILLER'],
  [0xfff9, 'INTERLINEAR ANNOTATION ANCHOR'],
  [0xfffa, 'INTERLINEAR ANNOTATION SEPARATOR'],
  [0xfffb, 'INTERLINEAR ANNOTATION TERMINATOR'],
  [0xe0001, 'LANGUAGE TAG'],
  [0xe0020, 'TAG SPACE'],
  [0xe007f, 'CANCEL TAG'],
])

/** Says how long the text is and what is allowed. `size` is for example `at most 400`. */
export function lengthFault(text: string, size: string): string {
  if (text === '' && size === 'at least 1') return 'must not be empty'
  const length = charactersOf(text)
  return `is ${length} ${length === 1 ? 'character' : 'characters'} long; ${size} are ${permitted(size)}`
}

/** Counts code points, as JSON Schema does. */
export const charactersOf = (text: string): number => [...text].length

export const permitted = (size: string): string => (size.startsWith('at most') ? 'allowed' : 'required')
