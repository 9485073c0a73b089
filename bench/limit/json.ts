/** JSON text made of PostgreSQL's text, without objects in between. */

export const text = (value: string | null): string => (value === null ? 'null' : JSON.stringify(value))

/** For what needs no escapes: ids, codes and enums. */
export const plain = (value: string | null): string => (value === null ? 'null' : `"${value}"`)

/** PostgreSQL writes `2026-11-23 20:00:00.1+00`; the service writes `2026-11-23T20:00:00.100Z`. */
export function instant(value: string | null): string {
  return value === null ? 'null' : `"${rfc3339(value)}"`
}

export function rfc3339(value: string): string {
  const fraction = value[19] === '.' ? value.slice(20, value.indexOf('+', 19)).padEnd(3, '0') : '000'
  return `${value.slice(0, 10)}T${value.slice(11, 19)}.${fraction}Z`
}

// PostgreSQL puts quotes around elements with blanks, but not around other control characters.
const needsCare = /["\\\u0000-\u001f]/

/** `{en,ru}` */
export function texts(value: string | null): string {
  if (value === null) return 'null'
  if (value === '{}') return '[]'
  if (!needsCare.test(value)) return `["${value.slice(1, -1).replaceAll(',', '","')}"]`
  return JSON.stringify(elementsOf(value))
}

function elementsOf(value: string): string[] {
  return Array.from(value.slice(1, -1).matchAll(/"((?:[^"\\]|\\.)*)"|([^,"]+)/gs), ([, quoted, bare]) =>
    quoted === undefined ? (bare as string) : quoted.replace(/\\(.)/gs, '$1'),
  )
}

/** Two fields that follow from an id. */
export const link = (path: string, id: string | null): string =>
  id === null ? 'null' : `{"id":"${id}","url":"/v1/${path}/${id}"}`

export const reference = (path: string, id: string | null, name: string | null): string =>
  id === null ? 'null' : `{"id":"${id}","name":${text(name)},"url":"/v1/${path}/${id}"}`
