import type { ComponentChildren, JSX } from 'preact'

interface Props {
  readonly title: string
  readonly note?: string | undefined
  readonly children: ComponentChildren
  readonly class?: string
}

export function Panel({ title, note, children, class: extra = '' }: Props): JSX.Element {
  const id = `panel-${title.toLowerCase().replaceAll(/[^a-z]+/g, '-')}`
  return (
    <section class={`panel ${extra}`} aria-labelledby={id}>
      <h2 id={id}>
        {title}
        {note !== undefined && <small>{note}</small>}
      </h2>
      {children}
    </section>
  )
}
