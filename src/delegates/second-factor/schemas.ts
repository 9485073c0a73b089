import { z } from 'zod'
import { westernDigits } from '../../platform/wire/digits.ts'
import { storyMoment } from '../../platform/wire/story.ts'
import { instantOutput } from '../../platform/wire/common-schemas.ts'

const example = { createdAt: storyMoment, confirmedAt: null, opensOthersAt: null }

export const SecondFactor = z
  .object({
    createdAt: instantOutput.nullable().meta({ description: 'Null if you have no second factor.' }),
    confirmedAt: instantOutput
      .nullable()
      .meta({ description: 'When the first correct code confirmed it. Null until then.' }),
    opensOthersAt: instantOutput.nullable().meta({
      description:
        'From when on it opens the data of others: identities, itineraries and disclosures. This is 48 hours after the first code.',
    }),
  })
  .meta({ id: 'SecondFactor', examples: [example] })

export const SecondFactorBegun = z
  .object({
    createdAt: instantOutput,
    secret: z
      .string()
      .meta({ description: 'The secret for the authenticator, in base32. Shown only in this response.' }),
    uri: z.string().meta({ description: 'The same secret as an otpauth URI, to be shown as a QR code.' }),
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

/** People type a code in groups, and with the digits of their keyboard. */
const normaliseCode = (typed: string): string =>
  westernDigits(typed).replace(/[\s\p{Pd}\p{Default_Ignorable_Code_Point}]/gu, '')

export const Elevate = z
  .strictObject({
    code: z
      .string()
      .max(40)
      .overwrite(normaliseCode)
      .refine((code) => /^\d{6}$/.test(code), {
        params: { code: 'invalid_format' },
        error: 'must be the six digits that the authenticator shows',
      })
      .meta({
        description:
          'Six digits. Spaces and hyphens between them are ignored, and the digits of any script are accepted.',
      }),
  })
  .meta({ id: 'Elevate', examples: [{ code: '492039' }] })

export const Elevation = z
  .object({ elevatedUntil: instantOutput })
  .meta({ id: 'Elevation', examples: [{ elevatedUntil: storyMoment }] })
