/** How long a first approval waits for the second. */
export const approvalHours = 72

/** The first of two approvals: who gave it, by which mandate, for which organisation, and until when it waits. */
export type FirstApproval = {
  /** Null for the operator, who has no mandate and acts for no organisation. */
  requestedById: string | null
  requestedMandateId: string | null
  requestedForId: string | null
  expiresAt: string
}
