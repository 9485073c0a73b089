/**
 * The facts of the story. `letter` holds facts of the letter of solidarity to the striking automotive workers in Belarus,
 * with which this project began. `sample` holds what the story needs and the letter does not say.
 */
export const letter = {
  coordination: 'International Automotive Workers’ Coordination (ICOG)',
  coordinators: [
    { displayName: 'Ed Cubelo', country: 'PH' },
    { displayName: 'Dieter Schweizer', country: 'DE' },
  ],
  /** The meaning in English, not a quotation. */
  offer:
    'We offer you a pact of mutual support. Under it we could make your struggle widely known and organise mutual visits.',
  worksites: ['Minsk automobile factory', 'Minsk tractor factory', 'Soligorsk potash mines'],
} as const

export const sample = {
  secretary: 'Secretary of the coordination',
  committee: {
    kind: 'strike_committee',
    name: 'Strike committee of the Minsk tractor factory',
    nameVariants: ['Стачечный комитет Минского тракторного завода', 'Minsk tractor'],
    abbreviation: 'МТЗ',
    country: 'BY',
    languages: ['be', 'ru'],
    industries: ['2821'],
  },
  offerInRussian:
    'Мы предлагаем вам пакт взаимной поддержки: широко рассказывать о вашей борьбе и ездить друг к другу.',
  counter:
    'We agree, with two changes: names of ours are made known only with the consent of each, and we meet outside of our country.',
  counterInRussian:
    'Мы согласны с двумя изменениями: имена публикуются только с согласия каждого, и встречаемся мы за пределами страны.',
  guests: ['Vesna', 'Maksim'],
  place: 'Stuttgart',
  timeZone: 'Europe/Berlin',
} as const
