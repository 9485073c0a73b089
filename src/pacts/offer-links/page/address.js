/**
 * Finds the secret in the address of the page, which is changed on its way: messengers encode the # or add parameters, texts
 * put a bracket or a full stop behind it, mail programs break the line. Runs in the browser; ../page.ts puts it into the page.
 */
const secretShape = /spl_([A-Za-z0-9_-]{43})/i
const changed = { fault: 'changed' }

/** The secret, or why there is none: 'missing', 'changed', or 'other' for the secret of something else. */
function readSecret({ pathname, search, hash }) {
  // The fragment first: that is where the secret was put.
  const texts = [hash, pathname + search].map(unfolded)
  const found = texts.map(secretWithin).find((secret) => secret !== undefined)
  if (found) return isMixed(found) ? { secret: found } : changed
  if (texts.some((text) => /sp[a-z]_[A-Za-z0-9_-]{20}/i.test(text) && !/spl_/i.test(text)))
    return { fault: 'other' }
  return /[A-Za-z0-9]/.test(texts[0]) || /spl_/i.test(texts[1]) ? changed : { fault: 'missing' }
}

/** Decoded as often as it was encoded, with plain hyphens, and without what nobody sees. */
function unfolded(text) {
  let decoded = text
  for (let round = 0; round < 5; round++) decoded = decoded.replace(/(?:%[0-9a-f]{2})+/gi, decodedRun)
  return decoded
    .normalize('NFKC')
    .replace(/[\u2010-\u2015\u2212]/g, '-')
    .replace(/[\s\\\p{Cc}\p{Cf}]+/gu, '')
}

function decodedRun(run) {
  try {
    return decodeURIComponent(run)
  } catch {
    return run
  }
}

function secretWithin(text) {
  const whole = secretShape.exec(text)
  if (whole) return 'spl_' + whole[1]
  // Signs such as the > of a quoted mail may stand in the middle of it.
  const rest = /spl_([^?&#/]*)/i.exec(text)
  const letters = rest?.[1].replace(/[^A-Za-z0-9_-]/g, '')
  return letters?.length >= 43 ? 'spl_' + letters.slice(0, 43) : undefined
}

/** Of 43 random letters, all are large or all are small only where somebody changed them. */
const isMixed = (secret) => /[A-Z]/.test(secret) && /[a-z]/.test(secret.slice(4))

/** What stands before /offer, where the service is not at the root of its host. */
const root = /^(.*?)\/+offer(?:spl_|[^\w~-]|$)/i.exec(location.pathname)?.[1].replace(/^\/+/, '/') ?? ''

/** Puts the address right, so that no copy of it and no reload sends the secret to the service again. */
function mendAddress(secret) {
  history.replaceState(null, '', root + '/offer#' + secret)
}
