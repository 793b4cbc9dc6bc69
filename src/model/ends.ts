/** How a job's end became known: by the VMA's word, as what vanished when it was all but over (POLL-6), or for want of contact (POLL-7). */
export type EndHow = 'told' | 'inferred' | 'contact_timeout'
