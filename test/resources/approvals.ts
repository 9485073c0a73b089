import type { Resource } from './resource.ts'

/** Approvals are no rows of their own: the list is read from the things that wait. */
export const resource: Resource = { name: 'approvals', requests: { listApprovals: {} } }
