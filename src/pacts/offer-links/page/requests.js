/** Speaks to the service: one key for each act, and a fault in the catalogue for everything that can go wrong. */
const waitMilliseconds = 30_000

/** The addresses in answers begin at the root of the service. */
const at = (url) => (url.startsWith(root + '/v1/') ? url : root + url)

/** The parsed answer. Throws what `say` and `isSettled` are made of: the code of a problem, or 'offline' or 'busy'. */
async function ask(url, { body, key } = {}) {
  const headers = { authorization: 'Bearer ' + secret }
  if (body) headers['content-type'] = 'application/json'
  if (key) headers['idempotency-key'] = key
  const waiting = new AbortController()
  const timer = setTimeout(() => waiting.abort(), waitMilliseconds)
  try {
    const method = body ? 'POST' : 'GET'
    const answer = await fetch(at(url), {
      method,
      headers,
      body: body && JSON.stringify(body),
      signal: waiting.signal,
    })
    const told = await parsed(answer)
    if (!answer.ok) throw refused(answer.status, told)
    return told
  } catch (error) {
    throw error.code ? error : refused(0, { code: 'offline' })
  } finally {
    clearTimeout(timer)
  }
}

/** A proxy answers with pages of its own where the service is away. */
async function parsed(answer) {
  const text = await answer.text()
  try {
    return JSON.parse(text)
  } catch {
    return { code: 'busy' }
  }
}

function refused(status, problem) {
  const isBusy = status >= 500 || status === 408
  return Object.assign(new Error(problem.title), {
    ...problem,
    code: isBusy ? 'busy' : (problem.code ?? 'busy'),
    // Whether the service has decided: what it has not decided may still be carried out, and keeps its key.
    isSettled:
      status >= 400 &&
      status < 500 &&
      ![408, 429].includes(status) &&
      problem.code !== 'idempotency_in_progress',
  })
}

/** What went wrong, for a person. What is read loses nothing that somebody wrote, and says so in other words. */
function sayFault(error, isReading = false) {
  if (error.code === 'unauthenticated') return say('address.changed') + ' ' + say('address.advice')
  const key = 'fault.' + error.code
  if (isReading && key + 'Reading' in texts) return say(key + 'Reading')
  const details = (error.errors ?? []).map(({ detail }) => detail).join('; ')
  return say(key in texts ? key : 'fault.other', { title: error.title, requestId: error.requestId, details })
}

/** The act that was sent last, until it is known what became of it. */
let act = { body: undefined, key: undefined }

/** The same act again has the same key, so that it is stored once; what is another act has another. */
function keyFor(body) {
  const text = JSON.stringify(body)
  if (act.body !== text) act = { body: text, key: randomKey() }
  return act.key
}

const forgetAct = () => {
  act = { body: undefined, key: undefined }
}

// Not by crypto.randomUUID, which there is on https alone.
const randomKey = () =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('')
