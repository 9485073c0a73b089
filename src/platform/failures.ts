/**
 * Why the service cannot start, as one sentence for the terminal. Any other error during the start is a bug and keeps
 * its stack trace.
 */
export function startFailure(sentence: string, cause?: unknown): Error {
  const failure = new Error(sentence, { cause })
  failure.name = 'StartFailure'
  return failure
}

export function isStartFailure(thrown: unknown): thrown is Error {
  return thrown instanceof Error && thrown.name === 'StartFailure'
}

/** For the supervisor: the process that failed has printed its sentence itself. */
export const alreadyReported = (): Error => startFailure('')
export const isAlreadyReported = (thrown: unknown): boolean => isStartFailure(thrown) && thrown.message === ''

export function cannotListen(host: string, port: number, cause: unknown): unknown {
  const code = (cause as { code?: string }).code ?? ''
  const reasons: Record<string, string> = {
    EADDRINUSE: `The port ${port} on ${host} is taken by another program; stop that one, or set PORT to another port.`,
    EACCES: `The port ${port} may not be used by this account; set PORT to one above 1023.`,
    EADDRNOTAVAIL: `The address ${host} is none of this machine; set HOST to one that is, such as 127.0.0.1.`,
    ENOTFOUND: `There is no address for the name ${host}; set HOST to an address of this machine.`,
  }
  return reasons[code] ? startFailure(reasons[code], cause) : cause
}

/** An error without an SQLSTATE does not come from the database and is passed on unchanged. */
export function cannotMigrate(code: string | undefined, cause: unknown): unknown {
  if (code === undefined || !/^[0-9A-DFHPX][0-9A-Z]{4}$/.test(code)) return cause
  return startFailure(
    `The database could not be brought to this version (SQLSTATE ${code}) and was left as it was: it is not one of ` +
      'this service, or its user may not change it; use an empty database that its user owns.',
    cause,
  )
}

export function unfitRetiredKeys(folder: string, cause: unknown): Error {
  const reason = cause instanceof Error && !('code' in cause) ? cause.message : 'It cannot be read.'
  return startFailure(
    `The setting RETIRED_KEYS_FOLDER is ${JSON.stringify(folder)}, but not every file *.pem in it is a key: ${reason}`,
    cause,
  )
}

export function unfitSigningKey(file: string, cause: unknown): Error {
  return startFailure(
    `The setting SIGNING_KEY_FILE is ${JSON.stringify(file)}, but no Ed25519 private key (PEM, PKCS #8) can be read ` +
      'from it or made there.',
    cause,
  )
}
