/**
 * Finds keys that occur twice in one object. Most parsers keep the last one without an error, so two readers may see
 * different values (RFC 8259, section 4). A text that is going to be signed must be unambiguous.
 */

type Level = { keys: Set<string> | undefined; at: string; step: string | number }

const quote = 0x22
const backslash = 0x5c

/** Returns JSON Pointers (RFC 6901) of the repeated keys. The text must be well-formed JSON. */
export function repeatedKeys(json: string): string[] {
  const repeated: string[] = []
  const levels: Level[] = []
  for (let i = 0; i < json.length; i++) {
    const level = levels.at(-1)
    const char = json[i]
    if (char === '"') {
      const end = endOfString(json, i)
      if (level?.keys && nextCharacter(json, end) === ':') recordKey(level, json.slice(i, end), repeated)
      i = end - 1
    } else if (char === '{') levels.push({ keys: new Set(), at: pointerAt(level), step: '' })
    else if (char === '[') levels.push({ keys: undefined, at: pointerAt(level), step: 0 })
    else if (char === '}' || char === ']') levels.pop()
    else if (char === ',' && typeof level?.step === 'number') level.step++
  }
  return repeated
}

function recordKey(level: Level, quoted: string, repeated: string[]): void {
  // With escapes, the same key can be written in different ways.
  const key = JSON.parse(quoted) as string
  level.step = key
  if (level.keys?.has(key)) repeated.push(pointerAt(level))
  level.keys?.add(key)
}

/** The JSON Pointer of the current value. */
const pointerAt = (level: Level | undefined): string =>
  level ? `${level.at}/${String(level.step).replaceAll('~', '~0').replaceAll('/', '~1')}` : ''

/** The index after the closing quote of the string that opens at `start`. */
function endOfString(json: string, start: number): number {
  for (let i = start + 1; ; i++) {
    const char = json.charCodeAt(i)
    if (char === backslash) i++
    else if (char === quote) return i + 1
  }
}

function nextCharacter(json: string, from: number): string | undefined {
  let i = from
  while (i < json.length && ' \t\r\n'.includes(json[i] as string)) i++
  return json[i]
}
