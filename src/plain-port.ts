/** What releases without a chart are made of; relative paths are seen from `dir`. */
export interface PlainFiles {
  /** The file, those of the folder, or those that match the pattern, in the order of their names; none: there is nothing. */
  find(path: string, dir: string): Promise<readonly string[]>
  /** What kustomize makes of a folder; `file`: the kustomization. Throws E_KUSTOMIZE, E_KUSTOMIZE_REMOTE, E_TOOL_MISSING. */
  kustomize(folder: string, dir: string): Promise<{ readonly file: string; readonly text: string }>
  /** A folder with these files that goes with forge. */
  chart(name: string, files: ReadonlyMap<string, string>): Promise<string>
}
