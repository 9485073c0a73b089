/** Ways to reach somebody. Lenient: numbers are written in many ways, and only a message tells whether it arrives. */
import { z } from 'zod'
import { line } from './wire.ts'

const phonePattern = /^\+?(?:[ ()./-]*[0-9]){5,17}[ ()./-]*$/
const emailPattern = /^[^\s@<>",;]+@[^\s@<>",;.]+(?:\.[^\s@<>",;.]+)+$/u

export const phone = line(40)
  .regex(phonePattern, 'must be a telephone number of 5 to 17 digits, such as +375 29 123 45 67')
  .meta({ description: 'With the code of the country, if it is to be reached from others.' })

export const email = line(254).regex(emailPattern, 'must be an e-mail address, such as vesna@example.org')

export const isPhone = (text: string): boolean => phonePattern.test(text)
export const isEmail = (text: string): boolean => emailPattern.test(text)

export const contactKinds = ['phone', 'email', 'messenger', 'post'] as const

/** A phone number and an e-mail address must look like one; of the others people know better. */
export const fits = ({ kind, address }: { kind: (typeof contactKinds)[number]; address: string }): boolean =>
  kind === 'phone' ? isPhone(address) : kind === 'email' ? isEmail(address) : true

export const contactKind = z.enum(contactKinds)
