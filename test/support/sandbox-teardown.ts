import { stopTestSandbox } from './sandbox.ts'

export default stopTestSandbox
