/** `1 change`, `2 changes`: numbers are read by tired people too. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`
}
