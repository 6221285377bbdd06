/** Where forge keeps its state: of one project in one namespace. */
export interface StateScope {
  readonly project: string
  readonly namespace: string
}
