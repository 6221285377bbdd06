export interface TransformRequest {
  /** Absolute path of an ES module that exports the function `transform`. */
  readonly module: string
  readonly text: string
  /** Where the text comes from, and what it is for. */
  readonly about: {
    readonly file: string
    readonly configMap: string
    readonly key: string
    readonly environment: string
  }
}

/** The port to code of the project, which is run in forge's own process. */
export interface ProjectModules {
  /** Throws ForgeError E_TRANSFORM when the module cannot be loaded, has no such function, or the function fails. */
  transform(request: TransformRequest, signal: AbortSignal): Promise<string>
}
