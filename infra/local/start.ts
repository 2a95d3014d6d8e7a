import { enableCompileCache } from 'node:module'

// stripping types and compiling take a fifth of the start; the next start has both from the cache
enableCompileCache()
const { expectSoundSystem } = await import('#infra/checks/system.ts')
const { runStart } = await import('./host/start-command.ts')

await runStart((declarations, settings) => expectSoundSystem(declarations, settings, Date.now()))
