/** A synthesized template, as far as the checks look at it. */
export interface Synthesized {
  readonly Resources: Readonly<Record<string, SynthesizedResource>>
}

export interface SynthesizedResource {
  readonly Type: string
  readonly Properties?: Readonly<Record<string, unknown>>
}
