/**
 * What we use of `node:http`. An import of that module asks for all its exports, among them a WebSocket, for which Node loads a
 * whole HTTP client: 40 ms of a start.
 */
export const { STATUS_CODES, request } = process.getBuiltinModule('node:http')
