import type { AddCommands } from '../session.ts'

/** Providers with a cool-down, and tasks that are under way. */
export const addReleaseCommands: AddCommands = (program, session) => {
  program
    .command('reset <upstream>')
    .description('ends the cool-down of a provider and closes its circuit breaker; its limits stay')
    .action(async (id: string) => {
      const { api, print } = await session()
      const { body } = await api.post('/v1/upstreams/{id}/reset', { path: { id } })
      print(body, () => `${body.name} may be called: its circuit breaker is ${body.breaker.state}`)
    })

  program
    .command('cancel <run>')
    .description('cancels a task that has not begun to publish its result')
    .action(async (id: string) => {
      const { api, print } = await session()
      const { body } = await api.post('/v1/runs/{id}/cancel', { path: { id } })
      print(body, () => `${body.run_id} is cancelled`)
    })
}
