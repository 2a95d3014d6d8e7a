/** The part of asl-validator that we use; it comes without types. */
declare module 'asl-validator' {
  export default function validate(
    definition: unknown,
  ): Promise<{ readonly isValid: boolean; readonly errors: readonly unknown[] }>
}
