import { describe, expect, it } from 'vitest'
import { recordIdentity, withUsableImages } from '#shared/systems/check-ins/images.ts'

const EXPIRY_S = 1_764_518_399

const board = (signature: string, expiryS = EXPIRY_S) => ({
  type: 'continuous',
  rankings: [
    {
      rank: 1,
      user: { name: 'a', avatar: `https://images.test/1?e=${expiryS}&token=${signature}` },
    },
    { rank: 2, user: { name: 'b', avatar: null } },
  ],
  user_rank: null,
})

describe('the images of a record', () => {
  it('are served until they expire, and as null from then on', () => {
    expect(withUsableImages(board('x'), EXPIRY_S * 1_000 - 1)).toEqual(board('x'))
    expect(withUsableImages(board('x'), EXPIRY_S * 1_000).rankings[0]?.user).toEqual({
      name: 'a',
      avatar: null,
    })
  })

  it('do not make another record by a new signature alone', () => {
    expect(recordIdentity(board('y', EXPIRY_S + 60))).toEqual(recordIdentity(board('x')))
    expect(recordIdentity({ ...board('x'), type: 'accumulated' })).not.toEqual(recordIdentity(board('x')))
    expect(
      JSON.stringify(recordIdentity({ project: { cover_image: 'https://images.test/c?token=x' } })),
    ).toBe('{"project":{"cover_image":"https://images.test/c"}}')
  })
})
