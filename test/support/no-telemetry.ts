/** For routes of an OMA whose metrics and log are not looked at. */

import type { OmaRoutesOptions } from '../../src/http/oma-routes.ts'

export const NO_TELEMETRY: Pick<OmaRoutesOptions, 'metrics' | 'levels'> = {
  metrics: { source: { contentType: 'text/plain', scrape: async () => '' }, auth: 'none' },
  levels: { view: () => ({ level: 'info', configured: 'info', until: undefined }), set: () => undefined },
}
