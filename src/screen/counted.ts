/** `1 change`, `2 changes`: numbers are read by tired people too. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`
}

/** `app, web, db and 4 more`: of many, some are named. */
export function someOf(names: readonly string[], most = 3): string {
  const more = names.length > most ? ` and ${names.length - most} more` : ''
  return `${names.slice(0, most).join(', ')}${more}`
}
