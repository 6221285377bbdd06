import { proxyActivities } from '@temporalio/workflow'

const { createTenant, sendWelcome } = proxyActivities({ startToCloseTimeout: '300s', heartbeatTimeout: '30s' })

/** A tenant is provisioned and told; each step is tried again until it succeeds. */
export async function provisionTenant(name) {
  const tenant = await createTenant(name)
  await sendWelcome(tenant)
  return tenant
}
