/** Names of `RequestStatus`, by number. `none`: never made here, or settled without a stored result (see the events). */
export const REQUEST_STATUSES = ["none", "pending", "expired", "fulfilled", "callback-failed", "reclaimed"] as const;
export type RequestStatus = (typeof REQUEST_STATUSES)[number];

/** Names of `VersionStatus`, by number. */
export const VERSION_STATUSES = ["none", "active", "deprecated", "revoked"] as const;
export type VersionStatus = (typeof VERSION_STATUSES)[number];

/** Names of `NodeStatus`, by number. */
export const NODE_STATUSES = ["none", "active", "exiting", "exited", "underbonded"] as const;
export type NodeStatus = (typeof NODE_STATUSES)[number];
