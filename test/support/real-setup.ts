import { expectRealCluster } from './real-cluster.ts'

export default expectRealCluster
