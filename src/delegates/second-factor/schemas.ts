import { z } from 'zod'
import { westernDigits } from '../../platform/wire/digits.ts'
import { storyMoment } from '../../platform/contract/story.ts'
import { instantOutput } from '../../platform/wire/common-schemas.ts'

const example = { createdAt: storyMoment, confirmedAt: null, opensOthersAt: null }

export const SecondFactor = z
  .object({
    createdAt: instantOutput.nullable().meta({ description: 'Null while you have none.' }),
    confirmedAt: instantOutput.nullable().meta({ description: 'Null until the first code was right.' }),
    opensOthersAt: instantOutput.nullable().meta({
      description:
        'From when on it opens what is not your own: identities of others, itineraries, disclosures. 48 hours after the first code.',
    }),
  })
  .meta({ id: 'SecondFactor', examples: [example] })

export const SecondFactorBegun = z
  .object({
    createdAt: instantOutput,
    secret: z.string().meta({ description: 'For the authenticator, in base32. Shown this once.' }),
    uri: z.string().meta({ description: 'The same as an otpauth address, to be shown as a QR code.' }),
  })
  .meta({
    id: 'SecondFactorBegun',
    examples: [
      {
        createdAt: storyMoment,
        secret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP',
        uri: 'otpauth://totp/Solidarity%20Pact:delegate?issuer=Solidarity%20Pact&secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&algorithm=SHA1&digits=6&period=30',
      },
    ],
  })

/** People type a code in groups, and in the digits of their keyboard. */
const readCode = (typed: string): string =>
  westernDigits(typed).replace(/[\s\p{Pd}\p{Default_Ignorable_Code_Point}]/gu, '')

export const Elevate = z
  .strictObject({
    code: z
      .string()
      .max(40)
      .overwrite(readCode)
      .refine((code) => /^\d{6}$/.test(code), {
        params: { code: 'invalid_format' },
        error: 'must be the six digits that the authenticator shows',
      })
      .meta({
        description:
          'Six digits. Blanks and hyphens between them are ignored, and the digits of any script are read.',
      }),
  })
  .meta({ id: 'Elevate', examples: [{ code: '492039' }] })

export const Elevation = z
  .object({ elevatedUntil: instantOutput })
  .meta({ id: 'Elevation', examples: [{ elevatedUntil: storyMoment }] })
