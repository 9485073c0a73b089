import type { Resource } from './resource.ts'

/** Approvals are not rows of their own: the list is read from the waiting requests. */
export const resource: Resource = { name: 'approvals', requests: { listApprovals: {} } }
