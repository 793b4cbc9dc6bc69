/** Preloaded with --import: makes a process believe that it runs on a Node too old for the services. */
Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.20.2' } })
