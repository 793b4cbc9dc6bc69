/** The dashboards as Grafana reads them: their queries, with the variables put in. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../arch/source-files.ts'

export const DASHBOARDS = ['fleet', 'service'] as const

export interface PanelQuery {
  readonly panel: string
  readonly expr: string
}

export interface DashboardJson {
  readonly title: string
  readonly schemaVersion: number
  readonly templating: { readonly list: readonly { readonly name: string; readonly type: string }[] }
  readonly panels: readonly PanelJson[]
}

interface PanelJson {
  readonly type: string
  readonly title: string
  readonly description?: string
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
  readonly fieldConfig?: { readonly defaults: { readonly unit?: string } }
  readonly targets?: readonly { readonly expr: string }[]
}

export function dashboard(name: (typeof DASHBOARDS)[number]): DashboardJson {
  return JSON.parse(readFileSync(join(ROOT, 'config/deploy/grafana', `${name}.json`), 'utf8')) as DashboardJson
}

/** "All" is chosen in every variable. */
export function queriesOf({ title, panels }: DashboardJson): readonly PanelQuery[] {
  return panels.flatMap((panel) =>
    (panel.targets ?? []).map(({ expr }) => ({
      panel: `${title}: ${panel.title}`,
      expr: expr.replaceAll('$__rate_interval', '1m').replaceAll(/\$(instance|vma)\b/g, '.*'),
    })),
  )
}
