/** Decimal digits of all scripts. Unicode keeps the ten of each script in order, so every run of them starts with a zero. */

const decimal = /\p{Nd}/gu

/** The same text with 0 to 9 in place of Arabic, Persian, Devanagari and all other decimal digits. */
export const westernDigits = (text: string): string => text.replace(decimal, (digit) => `${valueOf(digit)}`)

function valueOf(digit: string): number {
  const code = digit.codePointAt(0) ?? 0
  let zero = code
  while (/\p{Nd}/u.test(String.fromCodePoint(zero - 1))) zero--
  return (code - zero) % 10
}
