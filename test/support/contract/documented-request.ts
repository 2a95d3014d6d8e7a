import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { brotliDecompressSync } from 'node:zlib'
import { sendRequest, type WireRequest, type WireResponse } from '#test/support/http/exchange.ts'
import type { ApiDocument } from './api-document.ts'
import { Contract } from './contract.ts'

/** By project, because reading a document takes longer than most requests. */
const contracts = new Map<string, Promise<Contract>>()

/**
 * Sends requests to a started system and compares each response with the document that the system serves.
 *
 * @param project - the folder of the system's project, whose bundles have been built
 * @returns a function that throws an error for a response that is not documented
 */
export function documentedRequests(
  origin: string,
  project: string,
): (target: string, sent?: WireRequest) => Promise<WireResponse> {
  return async (target, sent = {}) => {
    const response = await sendRequest(origin, target, sent)
    const contract = await contractOf(project)
    const findings = contract.findings({ method: sent.method ?? 'GET', target, ...response })
    if (findings.length > 0) throw new Error(`expected a documented response, got\n${findings.join('\n')}`)
    return response
  }
}

function contractOf(project: string): Promise<Contract> {
  const contract = contracts.get(project) ?? openContract(project)
  contracts.set(project, contract)
  return contract
}

async function openContract(project: string): Promise<Contract> {
  const bytes = await readFile(join(project, 'dist/functions/reads/openapi.json.br'))
  return new Contract(JSON.parse(brotliDecompressSync(bytes).toString()) as ApiDocument)
}
