/** Dashboards as tables: what a panel shows, and the JSON that Grafana wants for it. */

export interface Query {
  readonly expr: string
  readonly legend: string
}

export interface Panel {
  readonly title: string
  /** What it shows and when to worry, for the (i) of the panel. */
  readonly description: string
  readonly kind: 'timeseries' | 'stat' | 'gauge' | 'table'
  readonly unit: string
  readonly queries: readonly Query[]
  /** From which values on it turns orange and red; `below`: under which. */
  readonly warn?: number
  readonly alarm?: number
  readonly below?: boolean
  readonly stacked?: boolean
  /** Of 24. */
  readonly width?: number
  readonly decimals?: number
}

export interface Row {
  readonly title: string
  readonly height: number
  readonly panels: readonly Panel[]
}

export interface Dashboard {
  readonly uid: string
  readonly title: string
  readonly description: string
  readonly rows: readonly Row[]
  readonly variables: readonly Variable[]
}

export interface Variable {
  readonly name: string
  readonly label: string
  /** `label_values(…)`. */
  readonly query: string
}

type Json = Readonly<Record<string, unknown>>

/** Of Grafana 11.6 and 12; later ones bring it up to date themselves. */
const SCHEMA_VERSION = 41
const COLUMNS = 24
const DATASOURCE = { type: 'prometheus', uid: '${datasource}' } as const

export function dashboardJson({ uid, title, description, rows, variables }: Dashboard): string {
  const panels: Json[] = []
  let y = 0
  for (const row of rows) {
    const gridPos = { x: 0, y, w: COLUMNS, h: 1 }
    panels.push({ id: panels.length + 1, type: 'row', title: row.title, collapsed: false, gridPos, panels: [] })
    y += 1
    let x = 0
    for (const panel of row.panels) {
      const w = panel.width ?? Math.floor(COLUMNS / row.panels.length)
      if (x + w > COLUMNS) [x, y] = [0, y + row.height]
      panels.push({ id: panels.length + 1, ...panelJson(panel), gridPos: { x, y, w, h: row.height } })
      x += w
    }
    y += row.height
  }
  const document = {
    uid,
    title,
    description,
    tags: ['sightline'],
    schemaVersion: SCHEMA_VERSION,
    version: 1,
    editable: true,
    graphTooltip: 1,
    refresh: '15s',
    time: { from: 'now-1h', to: 'now' },
    timezone: 'browser',
    annotations: { list: [] },
    links: [{ type: 'dashboards', title: 'Sightline', tags: ['sightline'], asDropdown: true, includeVars: true }],
    templating: { list: [datasourceVariable(), ...variables.map(variableJson)] },
    panels,
  }
  return `${JSON.stringify(document, null, 2)}\n`
}

function datasourceVariable(): Json {
  return { name: 'datasource', label: 'Prometheus', type: 'datasource', query: 'prometheus', refresh: 1, hide: 0 }
}

function variableJson({ name, label, query }: Variable): Json {
  return {
    name,
    label,
    type: 'query',
    datasource: DATASOURCE,
    query: { query, refId: name },
    refresh: 2,
    sort: 1,
    multi: true,
    includeAll: true,
    allValue: '.*',
    current: { selected: true, text: ['All'], value: ['$__all'] },
  }
}

function panelJson(panel: Panel): Json {
  const { kind, title, description, queries } = panel
  return {
    type: kind,
    title,
    description,
    datasource: DATASOURCE,
    fieldConfig: { defaults: fieldDefaults(panel), overrides: [] },
    options: OPTIONS[kind],
    targets: queries.map(({ expr, legend }, at) => ({
      refId: String.fromCodePoint(65 + at),
      datasource: DATASOURCE,
      expr,
      legendFormat: legend,
      ...(kind === 'table' ? { instant: true, format: 'table' } : { range: true }),
    })),
  }
}

function fieldDefaults({ kind, unit, stacked = false, decimals, ...limits }: Panel): Json {
  const custom = {
    lineWidth: 1,
    fillOpacity: stacked ? 30 : 8,
    showPoints: 'never',
    stacking: { mode: stacked ? 'normal' : 'none', group: 'A' },
    thresholdsStyle: { mode: limits.alarm === undefined || stacked ? 'off' : 'dashed' },
  }
  return {
    unit,
    ...(decimals === undefined ? {} : { decimals }),
    min: 0,
    ...(kind === 'gauge' ? { max: 1 } : {}),
    color: { mode: kind === 'timeseries' ? 'palette-classic' : 'thresholds' },
    thresholds: { mode: 'absolute', steps: stepsOf(limits) },
    ...(kind === 'timeseries' ? { custom } : {}),
  }
}

function stepsOf({ warn, alarm, below = false }: Pick<Panel, 'warn' | 'alarm' | 'below'>): readonly Json[] {
  const steps: Json[] = [{ color: below ? 'red' : 'green', value: null }]
  if (below) {
    if (alarm !== undefined) steps.push({ color: 'orange', value: alarm })
    if (warn !== undefined) steps.push({ color: 'green', value: warn })
    return steps
  }
  if (warn !== undefined) steps.push({ color: 'orange', value: warn })
  if (alarm !== undefined) steps.push({ color: 'red', value: alarm })
  return steps
}

const OPTIONS: Readonly<Record<Panel['kind'], Json>> = {
  timeseries: {
    legend: { displayMode: 'list', placement: 'bottom', showLegend: true },
    tooltip: { mode: 'multi', sort: 'desc' },
  },
  stat: {
    reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
    colorMode: 'value',
    graphMode: 'area',
    textMode: 'auto',
  },
  gauge: { reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false } },
  table: { showHeader: true, cellHeight: 'sm' },
}
