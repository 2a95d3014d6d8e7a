import { parseArgs } from 'node:util'
import { awsSigner, bearerSigner, type Signer } from '#infra/command/client.ts'
import { loadDeclarations, reportUserErrors, UsageError } from '#infra/command/report-user-errors.ts'
import { defined } from '#shared/domain/defined.ts'
import { smokeChecks } from './checks.ts'

const USAGE = `npm run smoke -- <url> [--token=<token>] [--region=<region>] [--job=<id>] [--read=<path>] [--help]

Checks a deployment, or npm start, over HTTPS: health, plain and brotli bytes, 304, the refusal of an operator without
credentials, a signed request of an operator, one run from its trigger to its end. Exits with 1 when a check fails.

  --token   the operator's token (JWT, or the one that npm start prints); else AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY
            and AWS_SESSION_TOKEN sign; without any of them the checks of operators' paths are left out
  --region  region of the deployment; by default that of the URL, else AWS_REGION
  --job     job whose run is triggered; global-market by default
  --read    path of a public read without parameters; the one of global-market by default`

const DEFAULT_JOB = 'global-market'

await reportUserErrors(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      token: { type: 'string' },
      region: { type: 'string' },
      job: { type: 'string', default: DEFAULT_JOB },
      read: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) {
    console.log(USAGE)
    return
  }
  const [address, ...more] = positionals
  if (address === undefined || more.length > 0 || !URL.canParse(address))
    throw new UsageError(`expected one URL, got ${positionals.join(' ') || 'none'}`)
  const url = new URL(address)
  const sign = signerOf(url, values)
  const readPath = values.read ?? (await defaultReadPath())
  if (!sign) console.log('without credentials: the checks of operators’ paths are left out')
  for (const check of smokeChecks({ url, readPath, job: values.job, sign })) {
    try {
      await check.run()
      console.log(`ok      ${check.name}`)
    } catch (error) {
      console.log(`FAILED  ${check.name}: ${error instanceof Error ? error.message : String(error)}`)
      process.exitCode = 1
    }
  }
})

interface SignerOptions {
  readonly token?: string | undefined
  readonly region?: string | undefined
}

function signerOf({ hostname }: URL, { token, region }: SignerOptions): Signer | undefined {
  if (token !== undefined) return bearerSigner(token)
  const {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
    AWS_REGION: ownRegion,
  } = process.env
  if (!accessKeyId || !secretAccessKey) return undefined
  const signed = region ?? /\.execute-api\.([a-z0-9-]+)\./.exec(hostname)?.[1] ?? ownRegion
  if (signed === undefined)
    throw new UsageError('expected --region or AWS_REGION: the URL names no region, got none')
  return awsSigner({ accessKeyId, secretAccessKey, ...defined({ sessionToken }) }, signed)
}

async function defaultReadPath(): Promise<string> {
  const { jobs } = await loadDeclarations()
  const path = jobs.find(({ id }) => id === DEFAULT_JOB)?.spec.reads?.[0]?.path
  if (path === undefined) throw new UsageError('expected --read, got none')
  return path
}
