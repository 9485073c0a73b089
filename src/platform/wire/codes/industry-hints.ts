/** Leads from the spelling of another classification, or of another revision, to classes of ISIC Rev. 4. */
import { isicClasses } from './industries.ts'

// NACE writes C29.10 or 29.10, ISIC Rev. 5 C2910; national classifications add digits: 29.10-1, 29.10.2.
const otherSpelling = /^[A-Z]?(\d\d)\.?(\d{0,2})(?:[-.]?\d{1,3})?$/

/**
 * A sentence to add to the refusal, or nothing. NACE divides some classes of ISIC and counts on differently, so the
 * classes beside the one of the same digits are named too.
 */
export function isicHint(sent: string): string {
  const [, division = '', rest = ''] = otherSpelling.exec(sent) ?? []
  if (division === '') return ''
  const beside = startingWith((division + rest).slice(0, 3))
  const near = beside.length > 0 ? beside : startingWith(division)
  if (near.length === 0) return ''
  const code = division + rest
  if (!isicClasses.has(code)) return ` Near it ${classes(near)}.`
  const others = near.filter((other) => other !== code)
  const spelling = ` ISIC Rev. 4 writes ${code}, without a letter or a dot.`
  return others.length === 0 ? spelling : `${spelling} Near it are ${others.join(', ')}.`
}

const classes = (codes: string[]): string =>
  codes.length === 1 ? `is the class ${codes.join()}` : `are the classes ${codes.join(', ')}`

const startingWith = (digits: string): string[] => [...isicClasses].filter((code) => code.startsWith(digits))
