import type { JSX } from 'preact'
import { Icon } from './icon.tsx'
import { setTheme, THEMES, useTheme } from './theme.ts'

const ICONS = { auto: 'auto', light: 'sun', dark: 'moon' } as const
const NAMES = { auto: 'as the system', light: 'light', dark: 'dark' } as const

export function ThemeButton(): JSX.Element {
  const theme = useTheme()
  const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? 'auto'
  const label = `Colours: ${NAMES[theme]}. Change to ${NAMES[next]}`
  return (
    <button type="button" class="icon-button" aria-label={label} title={label} onClick={() => setTheme(next)}>
      <Icon name={ICONS[theme]} />
    </button>
  )
}
