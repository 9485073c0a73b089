/** Converts decimal digits of all scripts. In Unicode the ten digits of a script are consecutive, from zero to nine. */

const decimal = /\p{Nd}/gu

/** Replaces Arabic, Persian, Devanagari and all other decimal digits by 0 to 9. */
export const westernDigits = (text: string): string => text.replace(decimal, (digit) => `${valueOf(digit)}`)

function valueOf(digit: string): number {
  const code = digit.codePointAt(0) ?? 0
  let zero = code
  while (/\p{Nd}/u.test(String.fromCodePoint(zero - 1))) zero--
  return (code - zero) % 10
}
