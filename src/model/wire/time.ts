/** Times as they stand in answers: RFC 3339, always in UTC (API-6). */

/** Epoch ms → `2025-09-05T15:26:15Z`, the documents' form; the fraction is cut off. */
export function rfc3339(epochMs: number): string {
  return `${new Date(epochMs).toISOString().slice(0, 19)}Z`
}

/** Epoch ms → `2025-09-05T15:26:15.984Z`, for fields by which clocks or runs are compared (RUN-1). */
export function rfc3339Millis(epochMs: number): string {
  return new Date(epochMs).toISOString()
}
