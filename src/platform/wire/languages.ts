/** Chooses a language by `Accept-Language` (RFC 9110), with the lookup of RFC 4647. */
type Preference = { range: string; weight: number }

const rangesMax = 20

/** Returns the best of the available tags, or `otherwise` if the header names none of them. */
export function preferredLanguage(
  header: string | undefined,
  available: readonly string[],
  otherwise: string,
): string {
  for (const { range } of preferences(header ?? '')) {
    if (range === '*') return otherwise
    const found = lookUp(range, available)
    if (found) return found
  }
  return otherwise
}

function preferences(header: string): Preference[] {
  return header
    .split(',', rangesMax)
    .map((part): Preference => {
      const [range = '', ...parameters] = part.split(';').map((piece) => piece.trim().toLowerCase())
      const weight = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2)
      return { range, weight: weight === undefined ? 1 : Number(weight) }
    })
    .filter(({ range, weight }) => range !== '' && weight > 0)
    .sort((a, b) => b.weight - a.weight)
}

/** `de-AT` falls back to `de`; `de` falls back to any `de-…`, such as `de-CH`. */
function lookUp(range: string, available: readonly string[]): string | undefined {
  for (let wanted = range; wanted !== ''; wanted = withoutLastSubtag(wanted)) {
    const exact = available.find((tag) => tag.toLowerCase() === wanted)
    if (exact) return exact
  }
  return available.find((tag) => tag.toLowerCase().startsWith(`${range}-`))
}

const withoutLastSubtag = (range: string): string => range.slice(0, Math.max(0, range.lastIndexOf('-')))
