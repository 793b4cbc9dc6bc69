/** Light or dark: as the system says, until somebody says otherwise. */

import { useEffect, useReducer } from 'preact/hooks'
import { Emitter } from '../model/emitter.ts'

const KEY = 'sightline.theme'
export const THEMES = ['auto', 'light', 'dark'] as const
export type Theme = (typeof THEMES)[number]

const changed = new Emitter()

function currentTheme(): Theme {
  const kept = localStorage.getItem(KEY)
  return THEMES.find((theme) => theme === kept) ?? 'auto'
}

/** Before the first drawing, and whenever it is changed. */
export function applyTheme(theme: Theme = currentTheme()): void {
  document.documentElement.dataset['theme'] = theme
}

export function setTheme(theme: Theme): void {
  localStorage.setItem(KEY, theme)
  applyTheme(theme)
  changed.tell()
}

export function useTheme(): Theme {
  const [, again] = useReducer((count: number, _: undefined) => count + 1, 0)
  useEffect(() => changed.on(() => again(undefined)), [])
  return currentTheme()
}
