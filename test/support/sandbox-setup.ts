import { startTestSandbox } from './sandbox.ts'

export default startTestSandbox
