import { removeTestNamespaces } from './real-cluster.ts'

export default removeTestNamespaces
